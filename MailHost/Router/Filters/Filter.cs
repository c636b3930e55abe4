using SaaS.Domain.Sieve;
using SaaS.Domain.Sieve.Scripts;

namespace SaaS.MailHost.Router.Filters;

/// <summary>What filters an account's deliveries, ready to run.</summary>
/// <param name="Version">The one in the account's state row.</param>
/// <param name="Script">Null where none is active, or where it is broken.</param>
/// <param name="Problem">Why the active script cannot be run: it was stored under other limits.</param>
/// <param name="Included">What it includes, however far.</param>
/// <param name="Away">The response that is switched on.</param>
internal sealed record Filter(
    long Version, SieveScript? Script, SieveProblem? Problem, IReadOnlyDictionary<string, SieveScript?> Included, VacationResponse? Away);
