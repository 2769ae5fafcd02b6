using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Registry.Service.Bulk;

/// <summary>Lets the steps of a sequence work at the same time.</summary>
internal static class Ahead
{
    /// <summary>
    /// The same items in the same order; one is made while the one before is used. What nobody takes any more is
    /// disposed of.
    /// </summary>
    public static async IAsyncEnumerable<T> AheadAsync<T>(
        this IAsyncEnumerable<T> source, [EnumeratorCancellation] CancellationToken ct)
    {
        var channel = Channel.CreateBounded<T>(1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var making = Task.Run(async () =>
        {
            try
            {
                await foreach (var item in source.WithCancellation(stop.Token))
                    await OfferAsync(channel, item, stop.Token);
                channel.Writer.Complete();
            }
            catch (Exception e)
            {
                channel.Writer.Complete(e);
            }
        }, CancellationToken.None);
        try
        {
            // Not ReadAllAsync: after a cancellation it still hands out what is ready.
            while (await channel.Reader.WaitToReadAsync(ct))
                if (channel.Reader.TryRead(out var item)) yield return item;
        }
        finally
        {
            await stop.CancelAsync();
            await making;
            while (channel.Reader.TryRead(out var left)) await DisposeAsync(left);
        }
    }

    /// <summary>
    /// Makes something of several items at a time and hands it out in their order. What nobody takes any more is
    /// disposed of.
    /// </summary>
    public static async IAsyncEnumerable<TMade> AbreastAsync<T, TMade>(this IAsyncEnumerable<T> source, int most,
        Func<T, CancellationToken, Task<TMade>> make, [EnumeratorCancellation] CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var begun = new Queue<Task<TMade>>();
        try
        {
            await foreach (var item in source.WithCancellation(stop.Token))
            {
                begun.Enqueue(make(item, stop.Token));
                if (begun.Count == most) yield return await begun.Dequeue();
            }
            while (begun.TryDequeue(out var next)) yield return await next;
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var left in begun) await DisposeAsync(left);
        }
    }

    private static async ValueTask DisposeAsync<T>(Task<T> left)
    {
        await ((Task)left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (left.IsCompletedSuccessfully) await DisposeAsync(await left);
    }

    private static async ValueTask OfferAsync<T>(Channel<T> channel, T item, CancellationToken ct)
    {
        try
        {
            await channel.Writer.WriteAsync(item, ct);
        }
        catch
        {
            await DisposeAsync(item);
            throw;
        }
    }

    private static ValueTask DisposeAsync<T>(T item) => item is IAsyncDisposable open ? open.DisposeAsync() : default;
}
