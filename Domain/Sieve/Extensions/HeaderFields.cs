using MimeKit;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>Which header fields a test looks at: names, :index and :last (RFC 5260 §6), :mime and :anychild (RFC 5703 §4).</summary>
internal sealed class HeaderFields
{
    public static readonly TagSpec[] IndexTags = [new("index", TagValue.Number, "index"), new("last", TagValue.None, "index")];
    public static readonly TagSpec[] MimeTags = [new("mime", TagValue.None, "mime"), new("anychild", TagValue.None, "mime")];

    public static readonly TagSpec[] ValueTags =
    [
        new("type", TagValue.None, "mime"), new("subtype", TagValue.None, "mime"), new("contenttype", TagValue.None, "mime"),
        new("param", TagValue.Texts, "mime"),
    ];

    private readonly SieveText[] _names;
    private readonly long? _index;
    private readonly bool _last;
    private readonly bool _mime;
    private readonly bool _anyChild;

    private HeaderFields(SieveArguments arguments, SieveText[] names)
    {
        _names = names;
        _index = arguments.TagNumber("index");
        _last = arguments.Has("last");
        _mime = arguments.Has("mime");
        _anyChild = arguments.Has("anychild");
    }

    public static HeaderFields Read(SieveArguments arguments)
    {
        var names = arguments.Texts("the list of header fields");
        foreach (var name in names)
        {
            if (name.Constant is { } constant && !IsName(constant))
            {
                throw arguments.Wrong(name.Line, $"\"{constant}\" is not the name of a header field");
            }
        }

        CheckIndex(arguments);
        if (arguments.Has("anychild") && !arguments.Has("mime"))
        {
            throw arguments.Wrong("':anychild' needs ':mime'");
        }

        return new HeaderFields(arguments, names);
    }

    public static void CheckIndex(SieveArguments arguments)
    {
        if (arguments.Has("last") && !arguments.Has("index"))
        {
            throw arguments.Wrong("':last' needs ':index'");
        }

        if (arguments.TagNumber("index") is 0)
        {
            throw arguments.Wrong("':index' counts from 1");
        }
    }

    /// <summary>RFC 5322 §2.2.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= 255 && name.All(c => c is > ' ' and < '\x7f' and not ':');

    public IEnumerable<string> ConstantNames => _names.Select(n => n.Constant).OfType<string>();

    public IEnumerable<string> Names(SieveMachine machine) => _names.Select(n => n.Get(machine));

    public IEnumerable<SieveField> All(SieveMachine machine) => Names(machine).SelectMany(name => Find(machine, name));

    public IEnumerable<SieveField> Find(SieveMachine machine, string name)
    {
        // Without :mime it is always the message's own header, also inside foreverypart (RFC 5703 §4).
        var parts = _mime ? Parts(machine) : [null];
        foreach (var part in parts)
        {
            var found = machine.FieldsOf(part).Where(f => f.Is(name));
            foreach (var field in Pick(found, _index, _last))
            {
                yield return field;
            }
        }
    }

    public static IEnumerable<T> Pick<T>(IEnumerable<T> all, long? index, bool last)
    {
        if (index is not { } i)
        {
            return all;
        }

        return (last ? all.Reverse() : all).Skip((int)Math.Min(i - 1, int.MaxValue)).Take(1);
    }

    /// <summary>The part of a value that :type, :subtype, :contenttype or :param picks; the whole without them.</summary>
    public static Func<SieveMachine, SieveField, IEnumerable<string>> ReadValue(SieveArguments arguments)
    {
        var which = arguments.OneOf("type", "subtype", "contenttype", "param");
        if (which is null)
        {
            return static (_, f) => [f.Text];
        }

        if (!arguments.Has("mime"))
        {
            throw arguments.Wrong($"':{which}' needs ':mime'");
        }

        var names = arguments.TagTexts("param") ?? [];
        return (m, field) => which switch
        {
            "param" => Parameters(field, [.. names.Select(n => n.Get(m))]),
            _ => Type(field, which),
        };
    }

    private static IEnumerable<string> Type(SieveField field, string which)
    {
        if (field.Is("Content-Disposition"))
        {
            var disposition = field.Plain.Split(';')[0].Trim();
            return which == "subtype" ? [] : [disposition];
        }

        if (!ContentType.TryParse(field.Plain, out var type))
        {
            return [];
        }

        return which switch
        {
            "type" => [type.MediaType],
            "subtype" => [type.MediaSubtype],
            _ => [$"{type.MediaType}/{type.MediaSubtype}"],
        };
    }

    private static IEnumerable<string> Parameters(SieveField field, string[] names)
    {
        ParameterList? parameters = field.Is("Content-Disposition")
            ? ContentDisposition.TryParse(field.Plain, out var disposition) ? disposition.Parameters : null
            : ContentType.TryParse(field.Plain, out var type) ? type.Parameters : null;
        return parameters is null
            ? []
            : parameters.Where(p => names.Any(n => n.Equals(p.Name, StringComparison.OrdinalIgnoreCase))).Select(p => p.Value);
    }

    private IEnumerable<BodyPart?> Parts(SieveMachine machine)
    {
        var current = machine.Parts.Count > 0 ? machine.Parts.Peek() : machine.Content.Root;
        return _anyChild ? Mime.WithChildren(current) : [current];
    }
}
