using System.Text;
using MimeKit.Utils;
using SaaS.Domain.Sieve.Matching;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>addheader and deleteheader.</summary>
/// <remarks>RFC 5293. Received and Auto-Submitted stay: loops end by them (§6).</remarks>
internal static class EditHeader
{
    private const int MaxValue = 2048;
    private const int MaxFields = 1000;

    private static readonly HashSet<string> Protected = new(StringComparer.OrdinalIgnoreCase) { "Received", "Auto-Submitted", "Return-Path", "Delivered-To" };

    public static SieveStep Add(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(compiler, command, new TagSpec("last"));
        var last = arguments.Has("last");
        var name = Name(arguments, arguments.Text("the field's name"));
        var value = arguments.Text("the value");
        arguments.End();
        return m =>
        {
            var field = name(m);
            if (!HeaderFields.IsName(field))
            {
                throw new SieveRunException($"addheader: \"{field}\" is not the name of a header field");
            }

            // Received cannot be forged either; Auto-Submitted may be said.
            if (Protected.Contains(field) && !field.Equals("Auto-Submitted", StringComparison.OrdinalIgnoreCase))
            {
                return;
            }

            var text = value.Get(m);
            if (text.Length > MaxValue)
            {
                throw new SieveRunException($"addheader: a value has at most {MaxValue} characters");
            }

            var made = new SieveField(field, Fold(field, text));
            var fields = m.Content.Fields;
            if (fields.Count >= MaxFields)
            {
                throw new SieveRunException("addheader: the message has too many header fields");
            }

            m.Content = m.Content.WithFields(last ? [.. fields, made] : [made, .. fields]);
        };
    }

    public static SieveStep Delete(SieveCompiler compiler, SyntaxCommand command)
    {
        // :index and :last are this command's own (RFC 5293 §5).
        var arguments = new SieveArguments(compiler, command, [.. Match.Tags, new("index", TagValue.Number), new("last")]);
        var match = Match.Read(compiler, arguments);
        HeaderFields.CheckIndex(arguments);
        if (match.Type == MatchKind.Count)
        {
            throw arguments.Wrong("':count' makes no sense here");
        }

        var (index, last) = (arguments.TagNumber("index"), arguments.Has("last"));
        var name = Name(arguments, arguments.Text("the field's name"));
        var keys = arguments.Left > 0 ? match.Check(arguments, arguments.Texts("the list of patterns")) : null;
        arguments.End();
        return m =>
        {
            var wanted = name(m);
            if (Protected.Contains(wanted))
            {
                return;
            }

            var named = m.Content.Fields.Where(f => f.Is(wanted));
            var doomed = HeaderFields.Pick(named, index, last).Where(f => keys is null || match.Any(m, [f.Text], keys)).ToHashSet(ReferenceEqualityComparer.Instance);
            if (doomed.Count > 0)
            {
                m.Content = m.Content.WithFields([.. m.Content.Fields.Where(f => !doomed.Contains(f))]);
            }
        };
    }

    private static Func<SieveMachine, string> Name(SieveArguments arguments, SieveText name)
    {
        if (name.Constant is { } constant && !HeaderFields.IsName(constant))
        {
            throw arguments.Wrong(name.Line, $"\"{constant}\" is not the name of a header field");
        }

        return name.Get;
    }

    /// <summary>One space, then the value in lines of at most 78 characters; what is not ASCII is encoded (RFC 2047).</summary>
    public static string Fold(string name, string text)
    {
        var line = text.Replace("\r", " ", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal).Trim();
        if (!Ascii.IsValid(line))
        {
            line = Encoding.ASCII.GetString(Rfc2047.EncodeText(Encoding.UTF8, line));
        }

        line = string.Concat(line.Where(c => c is '\t' or '\r' or '\n' or (>= ' ' and < '\x7f')))
            .Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        var folded = new StringBuilder();
        var column = name.Length + 1;
        foreach (var word in line.Split(' '))
        {
            if (folded.Length > 0 && column + 1 + word.Length > 78)
            {
                folded.Append("\r\n");
                column = 0;
            }

            folded.Append(' ').Append(word);
            column += 1 + word.Length;
        }

        return folded.ToString();
    }
}
