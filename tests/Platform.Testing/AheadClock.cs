namespace Platform.Testing;

/// <summary>The clock of a machine that is ahead of this one.</summary>
public sealed class AheadClock(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}
