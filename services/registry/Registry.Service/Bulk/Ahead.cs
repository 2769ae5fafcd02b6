using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Registry.Service.Bulk;

/// <summary>Lets the two ends of a sequence work at the same time.</summary>
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
            await foreach (var item in channel.Reader.ReadAllAsync(ct)) yield return item;
        }
        finally
        {
            await stop.CancelAsync();
            await making;
            while (channel.Reader.TryRead(out var left)) await DisposeAsync(left);
        }
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
