namespace SaaS.MailHost.Moves;

/// <summary>Ends a move: a repeat would not heal it. The message is for the admin who ordered the move.</summary>
internal sealed class MoveFailedException(string message, Exception? inner = null) : Exception(message, inner);
