using System.Net;
using System.Net.Sockets;

namespace Platform.CommandLine.Infrastructure;

/// <summary>Ports nobody listens on, below the range that the kernel hands to outgoing connections.</summary>
public static class FreePorts
{
    private const int Low = 20000;
    private const int High = 32000;
    private static readonly HashSet<int> Given = [];

    public static int Take() => Take(1)[0];

    /// <summary>Different ports, none given twice by this process.</summary>
    public static int[] Take(int count)
    {
        lock (Given)
        {
            List<int> found = [];
            while (found.Count < count)
            {
                var port = Random.Shared.Next(Low, High);
                if (IsFree(port) && Given.Add(port))
                {
                    found.Add(port);
                }
            }

            return [.. found];
        }
    }

    /// <summary>The first of so many ports in a row.</summary>
    public static int TakeRun(int count)
    {
        lock (Given)
        {
            while (true)
            {
                var ports = Enumerable.Range(Random.Shared.Next(Low, High), count).ToList();
                if (ports.All(p => !Given.Contains(p) && IsFree(p)))
                {
                    Given.UnionWith(ports);
                    return ports[0];
                }
            }
        }
    }

    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Does something accept connections there?</summary>
    public static async Task<bool> AnswersAsync(int port, CancellationToken cancel = default)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancel);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
