using System.Buffers;
using System.IO.Pipelines;

namespace Registry.Service.Roster;

/// <summary>
/// A pipe as the stream that zip and XML writers want: writing only fills the pipe's buffer; between two rows the
/// caller sends what has gathered, so that a slow reader holds no thread and costs one buffer.
/// </summary>
internal sealed class PipeOutput(PipeWriter pipe) : Stream
{
    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer) => pipe.Write(buffer);

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is sent from here; FlushWhenFullAsync does.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

internal static class PipeFlushing
{
    private const int BufferMax = 64 * 1024;

    /// <summary>Sends what has gathered once it fills a buffer.</summary>
    public static async ValueTask FlushWhenFullAsync(this PipeWriter pipe, CancellationToken ct)
    {
        if (pipe.UnflushedBytes >= BufferMax) await pipe.FlushAsync(ct);
    }
}
