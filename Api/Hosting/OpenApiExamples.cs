using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using SaaS.Client.Http;

namespace SaaS.Api.Hosting;

/// <summary>An example of a request or answer, made from its type: what a field holds is told by its name.</summary>
internal static class OpenApiExamples
{
    private const int Deepest = 6;
    private static readonly Dictionary<string, JsonNode> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Address"] = "ada@example.com",
        ["Login"] = "ada@example.com",
        ["UserName"] = "ada@example.com",
        ["Email"] = "ada@example.com",
        ["DisplayName"] = "Ada Archer",
        ["Sender"] = "ada@example.com",
        ["Recipient"] = "bob@example.net",
        ["Targets"] = "bob@example.net",
        ["Members"] = "ada@example.com",
        ["ForwardTo"] = "ada@example.net",
        ["CatchAll"] = "ada@example.com",
        ["Password"] = "correct horse battery",
        ["Secret"] = "shown once",
        ["TenantName"] = "Example Company",
        ["ResellerName"] = "Harbour Hosting",
        ["PlanName"] = "Business",
        ["Domain"] = "example.com",
        ["Destination"] = "example.net",
        ["Host"] = "mail.example.com",
        ["RemoteHost"] = "mx.example.net",
        ["QuotaBytes"] = 10737418240,
        ["AccountQuotaBytes"] = 10737418240,
        ["UsedBytes"] = 52428800,
        ["MaxMessageBytes"] = 52428800,
        ["Size"] = 4096,
        ["PrimaryColor"] = "#0b5f6b",
        ["AccentColor"] = "#d9622b",
        ["SupportUrl"] = "https://help.example.com",
        ["LogoUrl"] = "/v1/brands/7/logo",
        ["RedirectUris"] = "https://app.example.com/callback",
        ["Scopes"] = "admin",
        ["ClientId"] = "client-4f1d",
        ["Version"] = "731",
        ["Subject"] = "Hello",
        ["MessageId"] = "<1@example.com>",
        ["LastReply"] = "451 4.7.1 Greylisted",
        ["Code"] = "492039",
        ["Next"] = "1042",
        ["Label"] = "Laptop",
        ["RecordName"] = "_postyard.example.com",
        ["TxtValue"] = "postyard-verification=4f1d",
        ["SendPerDay"] = 2000,
    };

    public static JsonNode? Of(Type type) => Of(type, "", 0);

    private static JsonNode? Of(Type type, string name, int depth)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (depth > Deepest)
        {
            return null;
        }

        if (type.IsAssignableTo(typeof(IEnumerable<KeyValuePair<string, JsonElement>>)))
        {
            return new JsonObject { ["webmail.theme"] = "dark" };
        }

        if (type != typeof(string) && Item(type) is { } item)
        {
            // Nobody copies an example that makes operators.
            return name != "Roles" && Of(item, name, depth + 1) is { } one ? new JsonArray(one) : new JsonArray();
        }

        if (type.IsEnum)
        {
            return JsonNamingPolicy.CamelCase.ConvertName(Enum.GetNames(type)[0]);
        }

        if (Known.TryGetValue(name, out var known) && (type == typeof(string) ? known.GetValueKind() == JsonValueKind.String : known.GetValueKind() == JsonValueKind.Number && type != typeof(bool)))
        {
            return known.DeepClone();
        }

        return type switch
        {
            _ when type == typeof(string) => name is "" or "Value" ? "text" : name == "Name" ? "Example" : null,
            _ when type == typeof(bool) => false,
            _ when type == typeof(JsonElement) => 12,
            _ when type == typeof(int) || type == typeof(long) || type == typeof(short) || type == typeof(double) => name.EndsWith("Id", StringComparison.Ordinal) ? 42 : 1,
            _ when type == typeof(Guid) => "2f1c7f2e-8a55-4c0d-9d0e-3f6a0f0f5a11",
            _ when type == typeof(DateTimeOffset) => "2026-03-14T09:26:53Z",
            _ when type.Assembly == typeof(ApiJson).Assembly => Object(type, depth),
            _ => null,
        };
    }

    private static JsonObject Object(Type type, int depth)
    {
        var example = new JsonObject();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0))
        {
            // Left out where nothing sensible can be said, as our JSON leaves out what is null.
            if (Of(property.PropertyType, property.Name, depth + 1) is { } value)
            {
                example[JsonNamingPolicy.CamelCase.ConvertName(property.Name)] = value;
            }
        }

        return example;
    }

    private static Type? Item(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.GetInterfaces().Append(type).Any(i => i == typeof(IEnumerable))
            ? type.GetInterfaces().Append(type).FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>)) is { } list
                && list.GetGenericArguments()[0] is { IsGenericType: false } item ? item : null
            : null;
}
