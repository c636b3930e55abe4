using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve;

internal enum TagValue
{
    None,
    Number,
    Text,
    Texts,
}

/// <summary>A tagged argument that a command knows.</summary>
/// <param name="Extension">Needs to be required; null: base language, or the command's own extension.</param>
internal readonly record struct TagSpec(string Name, TagValue Value = TagValue.None, string? Extension = null);

/// <summary>The arguments of one command or test: its tags by name, then its positional ones in order. Says what is wrong with them.</summary>
internal sealed class SieveArguments
{
    private readonly SieveCompiler _compiler;
    private readonly string _what;
    private readonly int _line;
    private readonly Dictionary<string, SieveArgument?> _tags = new(StringComparer.Ordinal);
    private readonly Queue<SieveArgument> _positional = new();

    public SieveArguments(SieveCompiler compiler, SyntaxCommand command, params ReadOnlySpan<TagSpec> specs)
        : this(compiler, command.Name, command.Line, command.Arguments, specs)
    {
    }

    public SieveArguments(SieveCompiler compiler, SyntaxTest test, params ReadOnlySpan<TagSpec> specs)
        : this(compiler, test.Name, test.Line, test.Arguments, specs)
    {
    }

    private SieveArguments(SieveCompiler compiler, string what, int line, IReadOnlyList<SieveArgument> arguments, ReadOnlySpan<TagSpec> specs)
    {
        (_compiler, _what, _line) = (compiler, what, line);
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] is not SieveArgument.Tag tag)
            {
                _positional.Enqueue(arguments[i]);
                continue;
            }

            if (_positional.Count > 0)
            {
                throw Wrong(tag.Line, $"':{tag.Name}' must stand before the other arguments");
            }

            var spec = Find(specs, tag);
            if (spec.Extension is { } extension && !compiler.Has(extension))
            {
                throw new SieveSyntaxException(tag.Line, $"{what}: ':{tag.Name}' needs require \"{extension}\"", unknown: true);
            }

            SieveArgument? value = null;
            if (spec.Value != TagValue.None)
            {
                value = ++i < arguments.Count ? arguments[i] : null;
                var fits = (spec.Value, value) switch
                {
                    (TagValue.Number, SieveArgument.Number) => true,
                    (TagValue.Text, SieveArgument.Text) => true,
                    (TagValue.Texts, SieveArgument.Text or SieveArgument.TextList) => true,
                    _ => false,
                };
                if (!fits)
                {
                    throw Wrong(tag.Line, $"':{tag.Name}' takes {Name(spec.Value)}");
                }
            }

            if (!_tags.TryAdd(tag.Name, value))
            {
                throw Wrong(tag.Line, $"':{tag.Name}' stands twice");
            }
        }
    }

    public int Line => _line;

    public bool Has(string tag) => _tags.ContainsKey(tag);

    public long? TagNumber(string tag) => _tags.GetValueOrDefault(tag) is SieveArgument.Number n ? n.Value : null;

    public SieveText? TagText(string tag) => _tags.GetValueOrDefault(tag) is SieveArgument.Text t ? _compiler.Text(t) : null;

    public SieveText[]? TagTexts(string tag) => _tags.GetValueOrDefault(tag) is { } value ? Texts(value) : null;

    /// <summary>At most one of these, or its name is in the error.</summary>
    public string? OneOf(params ReadOnlySpan<string> tags)
    {
        string? found = null;
        foreach (var tag in tags)
        {
            if (Has(tag))
            {
                found = found is null ? tag : throw Wrong(_line, $"':{found}' and ':{tag}' exclude each other");
            }
        }

        return found;
    }

    public int Left => _positional.Count;

    public bool NextIsTexts => _positional.Count > 0 && _positional.Peek() is SieveArgument.Text or SieveArgument.TextList;

    public SieveText Text(string name) => Next(name) is SieveArgument.Text t ? _compiler.Text(t) : throw Wrong(_line, $"{name} must be a string");

    public SieveText[] Texts(string name) =>
        Next(name) is (SieveArgument.Text or SieveArgument.TextList) and var list ? Texts(list) : throw Wrong(_line, $"{name} must be a list of strings");

    public long Number(string name) => Next(name) is SieveArgument.Number n ? n.Value : throw Wrong(_line, $"{name} must be a number");

    /// <summary>Strings that say what kind of thing is meant and so cannot wait for the run: no variables.</summary>
    public string[] Constants(string name) =>
        [.. Texts(name).Select(t => t.Constant ?? throw Wrong(t.Line, $"{name} cannot hold variables"))];

    public void End()
    {
        if (_positional.Count > 0)
        {
            throw Wrong(_positional.Peek().Line, "has more arguments than it takes");
        }
    }

    public SieveSyntaxException Wrong(int line, string text) => new(line == 0 ? _line : line, $"{_what}: {text}");

    public SieveSyntaxException Wrong(string text) => Wrong(_line, text);

    private SieveArgument Next(string name) => _positional.Count > 0 ? _positional.Dequeue() : throw Wrong(_line, $"{name} is missing");

    private SieveText[] Texts(SieveArgument argument) => argument switch
    {
        SieveArgument.Text t => [_compiler.Text(t)],
        SieveArgument.TextList l => [.. l.Values.Select(_compiler.Text)],
        _ => [],
    };

    private TagSpec Find(ReadOnlySpan<TagSpec> specs, SieveArgument.Tag tag)
    {
        foreach (var spec in specs)
        {
            if (spec.Name == tag.Name)
            {
                return spec;
            }
        }

        throw new SieveSyntaxException(tag.Line, $"{_what}: does not know ':{tag.Name}'", unknown: true);
    }

    private static string Name(TagValue value) => value switch
    {
        TagValue.Number => "a number",
        TagValue.Text => "a string",
        TagValue.Texts => "a list of strings",
        TagValue.None => "nothing",
    };
}
