namespace Identity;

/// <summary>Wrong answers to one question (a password of one name, a code of one account), kept for a while.</summary>
/// <param name="Count">Answers since the last right one.</param>
/// <param name="LastAt">The last that counted.</param>
public sealed record Attempts(int Count, DateTimeOffset LastAt);

/// <summary>
/// Five wrong answers close the door for a quarter of an hour. An answer is booked before it is looked at, so that
/// answers sent at the same moment do not slip through together. Source: R-171.
/// </summary>
public static class SignInLimit
{
    /// <summary>Wrong answers before the door closes.</summary>
    public const int WrongMax = 5;

    /// <summary>How long the door stays closed after the last answer that counted, minutes.</summary>
    public const int ClosedMinutesMax = 15;

    /// <summary>
    /// Books one more answer. Null when the door is closed: the answer must not be looked at, and does not count.
    /// </summary>
    /// <param name="before">Null when none is remembered.</param>
    public static Attempts? Book(Attempts? before, DateTimeOffset now) =>
        before is null || now - before.LastAt >= TimeSpan.FromMinutes(ClosedMinutesMax) ? new(1, now)
        : before.Count < WrongMax ? new(before.Count + 1, now)
        : null;
}
