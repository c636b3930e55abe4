using System.Text.Json.Nodes;

namespace SaaS.Api.Jmap.Mail;

/// <summary>RFC 8621 §4.7: between accounts. A caller has one account, so there is never another to copy from.</summary>
internal sealed class EmailCopyMethod : JmapMethod
{
    public override string Name => "Email/copy";

    public override Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct) =>
        throw (JmapIds.Account(call.Arguments.String("fromAccountId")) == call.Account
            ? MethodException.Invalid("fromAccountId is the account itself: use Email/set.")
            : new MethodException("fromAccountNotFound"));
}
