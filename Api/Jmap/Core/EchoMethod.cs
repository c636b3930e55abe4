using System.Text.Json.Nodes;
using SaaS.Client.Jmap;

namespace SaaS.Api.Jmap.Core;

/// <summary>RFC 8620 §4.</summary>
internal sealed class EchoMethod : JmapMethod
{
    public override string Name => "Core/echo";

    public override string Capability => JmapCapability.Core;

    public override bool NeedsAccount => false;

    public override Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct) =>
        Task.FromResult(call.Arguments.Json.DeepClone().AsObject());
}
