namespace SaaS.Domain.Sieve;

/// <summary>Runs checked scripts. Pure: what has to be looked up comes with the context, or is asked for.</summary>
public static class SieveRunner
{
    /// <summary>The result, or the fact that is missing from the context: find it, and run again.</summary>
    /// <param name="script">Null: none is active.</param>
    /// <param name="away">The response that the owner switched on, null while there is none.</param>
    public static (SieveResult? Result, SieveFact? Missing) Run(SieveScript? script, SieveAction.Vacation? away, SieveContext context, SieveLimits limits)
    {
        try
        {
            return (SieveMachine.Execute(script, away, context, limits), null);
        }
        catch (SieveFactNeededException e)
        {
            return (null, e.Fact);
        }
    }
}
