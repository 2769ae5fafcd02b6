using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Platform.Testing;

/// <summary>
/// A cable to a loopback port that can be cut and plugged in again: cut, it closes what goes through it and refuses
/// whoever comes.
/// </summary>
public sealed class Cable : IDisposable
{
    private readonly int _to;
    private readonly TcpListener _listener;
    private readonly ConcurrentDictionary<TcpClient, byte> _ends = new();
    private volatile bool _cut;

    public Cable(int to)
    {
        _to = to;
        Port = Platform.CommandLine.Infrastructure.FreePorts.Take();
        _listener = new(IPAddress.Loopback, Port);
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Where to connect instead of the port itself.</summary>
    public int Port { get; }

    public void Cut()
    {
        _cut = true;
        foreach (var end in _ends.Keys) end.Dispose();
    }

    public void Plug() => _cut = false;

    public void Dispose()
    {
        _listener.Dispose();
        Cut();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = CarryAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed: the cable is taken away.
        }
    }

    private async Task CarryAsync(TcpClient near)
    {
        using var far = new TcpClient();
        using (near)
        {
            _ends[near] = _ends[far] = 0;
            try
            {
                if (_cut) return;
                await far.ConnectAsync(IPAddress.Loopback, _to);
                if (_cut) return;
                var (a, b) = (near.GetStream(), far.GetStream());
                await Task.WhenAny(a.CopyToAsync(b), b.CopyToAsync(a));
            }
            catch (Exception e) when (e is SocketException or IOException or InvalidOperationException)
            {
                // The far end is not there, or the cable was cut at this moment.
            }
            finally
            {
                _ends.TryRemove(near, out _);
                _ends.TryRemove(far, out _);
            }
        }
    }
}
