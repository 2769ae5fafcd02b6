namespace Exchange.Service;

/// <summary>Wakes the loops of this process when there is work; a loop that missed a wake-up looks by itself a little
/// later.</summary>
public sealed class Signals
{
    /// <summary>Something stands in an outgoing stream, or may be promoted into one.</summary>
    public Wake Outgoing { get; } = new();

    /// <summary>Something was delivered: positions grew.</summary>
    public Wake Delivered { get; } = new();
}

/// <summary>A wake-up for any number of waiters.</summary>
public sealed class Wake
{
    private TaskCompletionSource _next = New();

    public void Set() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    /// <summary>Take this before looking for work, wait on it after: no wake-up is lost in between.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public static async Task WaitAsync(Task next, TimeSpan limit, TimeProvider clock, CancellationToken ct)
    {
        try { await next.WaitAsync(limit, clock, ct); }
        catch (TimeoutException) { /* Look again. */ }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
