using System.Net;
using System.Net.Sockets;

namespace Platform.CommandLine.Infrastructure;

/// <summary>
/// Ports nobody listens on, below the range that the kernel hands to outgoing connections. A port given out is claimed
/// by a locked file until this process ends, so that two processes that ask at once never get the same one.
/// </summary>
public static class FreePorts
{
    private const int Low = 20000;
    private const int High = 32000;
    private static readonly Dictionary<int, FileStream> Given = [];
    private static readonly string Claims = Path.Combine(Path.GetTempPath(), "platform-ports");

    public static int Take() => Take(1)[0];

    /// <summary>Different ports, none given twice.</summary>
    public static int[] Take(int count)
    {
        lock (Given)
        {
            List<int> found = [];
            while (found.Count < count)
            {
                var port = Random.Shared.Next(Low, High);
                if (Claim(port)) found.Add(port);
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
                var first = Random.Shared.Next(Low, High);
                if (Enumerable.Range(first, count).All(Claim)) return first;
            }
        }
    }

    private static bool Claim(int port)
    {
        if (Given.ContainsKey(port) || !IsFree(port)) return false;
        try
        {
            Directory.CreateDirectory(Claims);
            Given[port] = new FileStream(Path.Combine(Claims, $"{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite,
                FileShare.None);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) // somebody else's
        {
            return false;
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
