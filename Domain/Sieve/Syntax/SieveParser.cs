namespace SaaS.Domain.Sieve.Syntax;

/// <summary>The generic grammar (RFC 5228 §8.2): commands, tests and arguments, whatever they are called.</summary>
internal sealed class SieveParser
{
    private readonly SieveLexer _lexer;
    private readonly int _maxDepth;
    private Token _token;

    private SieveParser(string script, int maxDepth)
    {
        _lexer = new SieveLexer(script);
        _maxDepth = maxDepth;
        _token = _lexer.Next();
    }

    public static IReadOnlyList<SyntaxCommand> Parse(string script, int maxDepth)
    {
        var parser = new SieveParser(script, maxDepth);
        var commands = parser.Commands(0);
        return parser._token.Kind == TokenKind.End ? commands : throw parser.Unexpected("a command");
    }

    private List<SyntaxCommand> Commands(int depth)
    {
        var commands = new List<SyntaxCommand>();
        while (_token.Kind == TokenKind.Identifier)
        {
            commands.Add(Command(depth));
        }

        return commands;
    }

    // command = identifier arguments (";" / block)
    private SyntaxCommand Command(int depth)
    {
        var name = Take();
        var (arguments, tests) = Arguments(0);
        if (_token.Is(';'))
        {
            Take();
            return new SyntaxCommand(name.Line, name.Text, arguments, tests, null);
        }

        if (!_token.Is('{'))
        {
            throw Unexpected($"';' or '{{' behind '{name.Text}'");
        }

        if (depth >= _maxDepth)
        {
            throw new SieveSyntaxException(_token.Line, $"blocks can stand {_maxDepth} deep");
        }

        Take();
        var block = Commands(depth + 1);
        if (!_token.Is('}'))
        {
            throw Unexpected("a command or '}'");
        }

        Take();
        return new SyntaxCommand(name.Line, name.Text, arguments, tests, block);
    }

    // arguments = *argument [ test / test-list ]
    private (List<SieveArgument>, List<SyntaxTest>) Arguments(int depth)
    {
        var arguments = new List<SieveArgument>();
        while (Argument() is { } argument)
        {
            arguments.Add(argument);
        }

        var tests = new List<SyntaxTest>();
        if (_token.Kind == TokenKind.Identifier)
        {
            tests.Add(Test(depth));
        }
        else if (_token.Is('('))
        {
            do
            {
                Take();
                tests.Add(Test(depth));
            }
            while (_token.Is(','));
            if (!_token.Is(')'))
            {
                throw Unexpected("',' or ')'");
            }

            Take();
        }

        return (arguments, tests);
    }

    private SyntaxTest Test(int depth)
    {
        if (_token.Kind != TokenKind.Identifier)
        {
            throw Unexpected("a test");
        }

        if (depth >= _maxDepth)
        {
            throw new SieveSyntaxException(_token.Line, $"tests can stand {_maxDepth} deep");
        }

        var name = Take();
        var (arguments, tests) = Arguments(depth + 1);
        return new SyntaxTest(name.Line, name.Text, arguments, tests);
    }

    // argument = string-list / number / tag
    private SieveArgument? Argument()
    {
        switch (_token.Kind)
        {
            case TokenKind.Tag:
                return new SieveArgument.Tag(_token.Line, Take().Text);
            case TokenKind.Number:
                return new SieveArgument.Number(_token.Line, Take().Number);
            case TokenKind.Text:
                return new SieveArgument.Text(_token.Line, Take().Text);
            case TokenKind.Mark when _token.Is('['):
                return TextList();
            default:
                return null;
        }
    }

    private SieveArgument.TextList TextList()
    {
        var line = _token.Line;
        var values = new List<SieveArgument.Text>();
        do
        {
            Take();
            if (_token.Kind != TokenKind.Text)
            {
                throw Unexpected("a string");
            }

            values.Add(new SieveArgument.Text(_token.Line, Take().Text));
        }
        while (_token.Is(','));
        if (!_token.Is(']'))
        {
            throw Unexpected("',' or ']'");
        }

        Take();
        return new SieveArgument.TextList(line, values);
    }

    private Token Take()
    {
        var token = _token;
        _token = _lexer.Next();
        return token;
    }

    private SieveSyntaxException Unexpected(string wanted) => new(_token.Line, $"expected {wanted}, found {_token}");
}
