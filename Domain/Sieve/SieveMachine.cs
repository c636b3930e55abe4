using System.Text;
using SaaS.Domain.Messages;

namespace SaaS.Domain.Sieve;

/// <summary>One run of one script for one message.</summary>
internal sealed class SieveMachine
{
    private const long MaxCompared = 64 * 1024 * 1024;

    private readonly List<SieveAction> _actions = [];
    private readonly Dictionary<string, string> _global = new(StringComparer.Ordinal);
    private readonly HashSet<string> _once = new(StringComparer.Ordinal);
    private Scope _scope = new(false);
    private int _steps;
    private long _compared;
    private int _includeDepth;

    public SieveMachine(SieveContext context, SieveLimits limits)
    {
        (Context, Limits) = (context, limits);
        Content = SieveContent.Of(context);
    }

    public SieveContext Context { get; }
    public SieveLimits Limits { get; }

    /// <summary>The message as it is now.</summary>
    public SieveContent Content { get; set; }

    /// <summary>Cancelled by whatever takes care of the message.</summary>
    public bool ImplicitKeep { get; set; } = true;

    /// <summary>The internal variable of imap4flags (RFC 5232 §2).</summary>
    public IReadOnlyList<string> Flags { get; set; } = [];

    public IReadOnlyList<SieveAction> Actions => _actions;

    /// <summary>The script is being left: stop, return or break.</summary>
    public bool Leaving => Stopped || Returning || Breaking is not null;

    public bool Stopped { get; set; }

    public bool Returning { get; set; }

    /// <summary>The loop to leave: its number from the outside.</summary>
    public int? Breaking { get; set; }

    /// <summary>Parts that foreverypart stands on, outermost first.</summary>
    public Stack<BodyPart> Parts { get; } = new();

    private sealed class Scope(bool usesVariables)
    {
        public bool UsesVariables { get; } = usesVariables;
        public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);
        public HashSet<string> Global { get; } = new(StringComparer.Ordinal);
        public IReadOnlyList<string> Matches { get; set; } = [];
    }

    public static SieveResult Execute(SieveScript? script, SieveAction.Vacation? away, SieveContext context, SieveLimits limits)
    {
        var machine = new SieveMachine(context, limits);
        try
        {
            if (script is not null)
            {
                machine.RunScript(script);
            }

            machine.Finish(away);
            return new SieveResult([.. machine._actions], null);
        }
        catch (SieveRunException e)
        {
            return new SieveResult([], e.Message);
        }
    }

    public void Run(SieveStep[] steps)
    {
        foreach (var step in steps)
        {
            Spend();
            step(this);
            if (Leaving)
            {
                return;
            }
        }
    }

    private void RunScript(SieveScript script)
    {
        var outer = _scope;
        _scope = new Scope(script.UsesVariables);
        Run(script.Steps);
        Returning = false;
        _scope = outer;
    }

    /// <summary>RFC 6609 §3.2.</summary>
    public void Include(string name, bool once, bool optional)
    {
        if (!Context.Scripts.TryGetValue(name, out var script))
        {
            if (optional)
            {
                return;
            }

            throw new SieveRunException($"include: there is no script \"{name}\"");
        }

        if (script is null)
        {
            throw new SieveRunException($"include: the script \"{name}\" is not valid");
        }

        if (!_once.Add(name) && once)
        {
            return;
        }

        if (++_includeDepth > Limits.MaxIncludeDepth)
        {
            throw new SieveRunException($"include: scripts can stand {Limits.MaxIncludeDepth} deep");
        }

        RunScript(script);
        _includeDepth--;
    }

    /// <summary>One command or test.</summary>
    public void Spend()
    {
        if (++_steps > Limits.MaxSteps)
        {
            throw new SieveRunException($"the script takes more than {Limits.MaxSteps} steps");
        }
    }

    /// <summary>Characters that were compared: bounds what a few steps may cost.</summary>
    public void SpendMatch(long characters)
    {
        _compared += characters;
        if (_compared > MaxCompared)
        {
            throw new SieveRunException("the script compares too much text");
        }
    }

    public void Add(SieveAction action)
    {
        switch (action)
        {
            case SieveAction.Store store:
                Exclusive(store, a => a is SieveAction.Reject, "a message cannot be both rejected and stored");

                // The same place twice is one copy, with the flags of the last (RFC 5228 §2.10.3, RFC 5232 §5).
                _actions.RemoveAll(a => a is SieveAction.Store s && s.Target == store.Target && ReferenceEquals(s.Content, store.Content));
                break;
            case SieveAction.Redirect redirect:
                Exclusive(redirect, a => a is SieveAction.Reject, "a message cannot be both rejected and redirected");
                if (_actions.Exists(a => a is SieveAction.Redirect r && r.Address == redirect.Address))
                {
                    return;
                }

                break;
            case SieveAction.RedirectToList:
                Exclusive(action, a => a is SieveAction.Reject, "a message cannot be both rejected and redirected");
                break;
            case SieveAction.Reject:
                Exclusive(action, a => a is not SieveAction.Remember, "reject cannot stand beside other actions");
                break;
            case SieveAction.Vacation:
                Exclusive(action, a => a is SieveAction.Reject, "a message cannot be both rejected and answered");
                if (_actions.Exists(a => a is SieveAction.Vacation))
                {
                    throw new SieveRunException("vacation can be used once");
                }

                break;
            default:
                break;
        }

        _actions.Add(action);
        if (_actions.Count(a => a is SieveAction.Redirect or SieveAction.RedirectToList) > Limits.MaxRedirects)
        {
            throw new SieveRunException($"a script can redirect a message {Limits.MaxRedirects} time(s)");
        }

        if (_actions.Count(a => a is SieveAction.Vacation or SieveAction.Notify) > Limits.MaxOutgoing)
        {
            throw new SieveRunException($"a script can send {Limits.MaxOutgoing} messages of its own");
        }

        if (_actions.Count(a => a is not SieveAction.Remember) > Limits.MaxActions || _actions.Count > 10 * Limits.MaxActions)
        {
            throw new SieveRunException($"a script can take {Limits.MaxActions} actions");
        }
    }

    public void CancelStore() => _actions.RemoveAll(a => a is SieveAction.Store { Target.Name: null, Target.Id: null, Target.Use: Mailboxes.SpecialUse.None });

    private void Exclusive(SieveAction action, Predicate<SieveAction> other, string text)
    {
        if (_actions.Exists(a => !ReferenceEquals(a, action) && other(a)))
        {
            throw new SieveRunException(text);
        }
    }

    private void Finish(SieveAction.Vacation? away)
    {
        if (ImplicitKeep)
        {
            Add(new SieveAction.Store(new SieveTarget(null), Flags, Content));
        }

        // The response that the owner switched on joins whatever the script does, unless that answers or refuses by itself, or throws
        // the message away: an answer would tell the sender of junk that somebody is here.
        if (away is not null && !_actions.Exists(a => a is SieveAction.Vacation or SieveAction.Reject)
            && _actions.Exists(a => a is SieveAction.Store or SieveAction.Redirect or SieveAction.RedirectToList) && Extensions.Vacations.MayAnswer(this, []))
        {
            _actions.Add(away);
        }
    }

    // Variables (RFC 5229) ------------------------------------------------------------------------------------------------------------

    public string Variable(string name)
    {
        if (name.StartsWith("global.", StringComparison.Ordinal))
        {
            return _global.GetValueOrDefault(name[7..], "");
        }

        if (name.StartsWith("env.", StringComparison.Ordinal))
        {
            return Extensions.Surroundings.Value(this, name[4..].Replace('_', '-')) ?? "";
        }

        return (_scope.Global.Contains(name) ? _global : _scope.Variables).GetValueOrDefault(name, "");
    }

    public void SetVariable(string name, string value)
    {
        if (value.Length > Limits.MaxVariableLength)
        {
            var cut = Limits.MaxVariableLength;
            value = value[..(char.IsHighSurrogate(value[cut - 1]) ? cut - 1 : cut)];
        }

        var global = name.StartsWith("global.", StringComparison.Ordinal);
        var variables = global || _scope.Global.Contains(name) ? _global : _scope.Variables;
        variables[global ? name[7..] : name] = value;
        if (variables.Count > Limits.MaxVariables)
        {
            throw new SieveRunException($"a script can have {Limits.MaxVariables} variables");
        }
    }

    public void DeclareGlobal(string name) => _scope.Global.Add(name);

    public string MatchValue(int number) => number < _scope.Matches.Count ? _scope.Matches[number] : "";

    public void SetMatchValues(IReadOnlyList<string> values)
    {
        if (_scope.UsesVariables)
        {
            _scope.Matches = values.Count > 33 ? [.. values.Take(33)] : values;
        }
    }

    // Facts ---------------------------------------------------------------------------------------------------------------------------

    public string? Fact(SieveFact fact) => Context.Facts.TryGetValue(fact, out var known) ? known : throw new SieveFactNeededException(fact);

    // The message ---------------------------------------------------------------------------------------------------------------------

    /// <summary>Fields of the part that a loop stands on, else of the message.</summary>
    public IReadOnlyList<SieveField> FieldsOf(BodyPart? part)
    {
        if (part is null || ReferenceEquals(part, Content.Root))
        {
            return Content.Fields;
        }

        var length = Math.Min(part.BodyOffset - part.HeaderOffset, 256 * 1024);
        var block = new byte[Math.Max(0, length)];
        using var stream = Content.Source.OpenRead();
        stream.Position = part.HeaderOffset;
        var read = stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
        return [.. SieveContent.PartFields(block[..read])];
    }

    /// <summary>Decoded octets of a part, at most what tests look into.</summary>
    public byte[] Decoded(BodyPart part)
    {
        using var raw = Content.Source.OpenRead();
        return ReadUpTo(PartContent.Open(raw, part), Limits.MaxBodyBytes);
    }

    public string DecodedText(BodyPart part) => PartContent.DecodeText(Decoded(part), part.Charset);

    public string RawBody()
    {
        using var raw = Content.Source.OpenRead();
        raw.Position = Math.Min(Content.Root.BodyOffset, raw.Length);
        var bytes = ReadUpTo(raw, Limits.MaxBodyBytes);
        return (System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes);
    }

    private static byte[] ReadUpTo(Stream stream, int max)
    {
        using var result = new MemoryStream();
        var buffer = new byte[8192];
        while (result.Length < max)
        {
            var read = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, max - result.Length));
            if (read == 0)
            {
                break;
            }

            result.Write(buffer, 0, read);
        }

        return result.ToArray();
    }
}
