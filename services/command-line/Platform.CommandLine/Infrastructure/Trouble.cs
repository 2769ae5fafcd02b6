namespace Platform.CommandLine.Infrastructure;

/// <summary>Something went wrong that a person can act on; the message is written for that person.</summary>
public sealed class TroubleException : Exception
{
    public TroubleException(string message, IReadOnlyList<string>? logLines = null, Exception? inner = null)
        : base(message, inner) => LogLines = logLines ?? [];

    /// <summary>The last lines of the log that shows the cause, oldest first; empty when there is none.</summary>
    public IReadOnlyList<string> LogLines { get; }

    public override string ToString() =>
        LogLines.Count == 0 ? base.ToString() : $"{Message}\n  {string.Join("\n  ", LogLines)}\n{StackTrace}";
}

/// <summary>Reads the end of a log file without reading all of it.</summary>
public static class LogTail
{
    private const int BytesMax = 64 * 1024;

    /// <summary>The last lines, oldest first; empty when the file is not there.</summary>
    public static IReadOnlyList<string> Read(string path, int lines = 15)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Seek(-Math.Min(BytesMax, stream.Length), SeekOrigin.End);
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(lines)];
    }
}

/// <summary>Waits for facts with a limit.</summary>
public static class Wait
{
    /// <summary>Asks again and again until the fact holds.</summary>
    /// <returns>False when the limit passed first.</returns>
    public static async Task<bool> UntilAsync(
        Func<CancellationToken, Task<bool>> fact, TimeSpan limit, CancellationToken cancel = default)
    {
        var end = TimeProvider.System.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(20);
        while (!await fact(cancel))
        {
            if (TimeProvider.System.GetElapsedTime(end) > limit)
            {
                return false;
            }

            await Task.Delay(pause, cancel);
            pause = TimeSpan.FromMilliseconds(Math.Min(200, pause.TotalMilliseconds * 1.5));
        }

        return true;
    }
}
