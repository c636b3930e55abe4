using SaaS.Client.Queue;

namespace SaaS.Web.Portal;

/// <summary>The states of queued mail in words and tones.</summary>
internal static class QueueText
{
    public static (Tone Tone, string Text) Of(QueueState state) => state switch
    {
        QueueState.Waiting => (Tone.Warn, "Waiting"),
        QueueState.Trying => (Tone.Info, "Trying"),
        QueueState.Delivered => (Tone.Good, "Delivered"),
        QueueState.Bounced => (Tone.Bad, "Bounced"),
        QueueState.Expired => (Tone.Bad, "Expired"),
        QueueState.Held => (Tone.Neutral, "Held"),
    };

    public static string Sender(string sender) => sender.Length == 0 ? "A bounce (no sender)" : sender;
}
