using System.Buffers;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Hosting;
using Registry.Service.Persistence;
using Registry.Service.Roster;

namespace Registry.Service.Bulk;

/// <summary>What a load keeps as a file.</summary>
internal static class StagedKind
{
    public const string File = "file";
    public const string Errors = "errors";
}

/// <summary>
/// Files of a load: written as they come, encrypted in parts, read again from any place. Memory holds two dozen parts
/// while a file is received, one dozen while it is read on.
/// </summary>
internal static class StagedFile
{
    // Just small enough to stay out of the large object heap, whose every few megabytes cost a full collection.
    private const int PartBytes = 80 << 10;

    // Asking the database, and waiting for its disk, once a megabyte.
    private const int PartsAtOnce = 12;

    /// <summary>Keeps the stream; a few parts are saved by themselves, so what broke off is written anew.</summary>
    /// <returns>Bytes kept.</returns>
    /// <exception cref="ProblemException">WORKBOOK_TOO_LARGE.</exception>
    public static async Task<long> WriteAsync(RegistryDb db, Guid load, Stream body, long max, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync(
            $"delete from roster_part where load_id = {load} and kind = {StagedKind.File}", ct);
        var buffer = ArrayPool<byte>.Shared.Rent(PartBytes);
        var saved = Task.CompletedTask;
        try
        {
            var (total, number) = (0L, 0);
            var (part, parts) = (buffer.AsMemory(0, PartBytes), new List<byte[]>(PartsAtOnce));
            // The next parts are received while those before are saved.
            for (int count; (count = await body.ReadAtLeastAsync(part, PartBytes, false, ct)) > 0;)
            {
                total += count;
                if (total > max) throw new ProblemException(WorkbookProblems.TooLarge(max));
                parts.Add(db.Seal(part.Span[..count]));
                if (parts.Count == PartsAtOnce) await SaveAsync();
            }
            if (parts.Count > 0) await SaveAsync();
            await saved;
            return total;

            async Task SaveAsync()
            {
                await saved;
                int[] numbers = [.. Enumerable.Range(number, parts.Count)];
                byte[][] bodies = [.. parts];
                number += parts.Count;
                parts.Clear();
                saved = db.Database.ExecuteSqlAsync($"""
                    insert into roster_part (load_id, kind, number, body)
                    select {load}, {StagedKind.File}, number, body from unnest({numbers}, {bodies}) part (number, body)
                    """, ct);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
            await saved;
        }
    }

    /// <summary>Opens the file for reading on a connection of its own; dispose it.</summary>
    public static Stream Open(RegistryDb db, NpgsqlDataSource source, Guid load, string kind, long length) =>
        new PartsIn(db, source, load, kind, length);

    /// <summary>A stream that keeps what is written to it as parts, in the transaction that is open.</summary>
    public static Stream Create(RegistryDb db, Guid load, string kind) => new PartsOut(db, load, kind);

    /// <summary>Synchronous: parsers of archives and XML are.</summary>
    private sealed class PartsIn : Stream
    {
        private readonly RegistryDb db;
        private readonly Guid load;
        private readonly string kind;
        private readonly NpgsqlConnection connection;
        private readonly Queue<byte[]> ahead = new(PartsAtOnce);
        private byte[] part = [];
        private int loaded = -1;

        public PartsIn(RegistryDb db, NpgsqlDataSource source, Guid load, string kind, long length)
        {
            (this.db, this.load, this.kind, Length) = (db, load, kind, length);
            connection = source.OpenConnection();
            using var scope = ScopeInterceptor.Command(connection, db.Caller);
            scope.ExecuteNonQuery();
        }

        public override int Read(Span<byte> buffer)
        {
            if (Position >= Length || buffer.IsEmpty) return 0;
            var number = (int)(Position / PartBytes);
            if (number != loaded) (part, loaded) = (Fetch(number), number);
            var from = part.AsSpan((int)(Position % PartBytes));
            var count = Math.Min(from.Length, buffer.Length);
            from[..count].CopyTo(buffer);
            Position += count;
            return count;
        }

        /// <summary>Several parts at a time for whoever reads on, one for whoever looks about in an archive.</summary>
        private byte[] Fetch(int number)
        {
            var readsOn = number == loaded + 1;
            if (!readsOn) ahead.Clear();
            if (ahead.Count == 0)
            {
                using var command = new NpgsqlCommand("""
                    select number, body from roster_part
                    where load_id = $1 and kind = $2 and number between $3 and $4 order by number
                    """, connection)
                {
                    Parameters =
                    {
                        new() { Value = load },
                        new() { Value = kind },
                        new() { Value = number },
                        new() { Value = readsOn ? number + PartsAtOnce - 1 : number },
                    },
                };
                using var parts = command.ExecuteReader();
                while (parts.Read() && parts.GetInt32(0) == number + ahead.Count)
                    ahead.Enqueue(parts.GetFieldValue<byte[]>(1));
            }
            return ahead.TryDequeue(out var body) ? db.Open(body)
                : throw new InvalidDataException($"Part {number} of load {load} is gone.");
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => Position,
            SeekOrigin.End => Length,
            _ => throw new ArgumentOutOfRangeException(nameof(origin)),
        };

        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length { get; }
        public override long Position { get; set; }
        public override void Flush() { }
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) connection.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class PartsOut(RegistryDb db, Guid load, string kind) : Stream
    {
        private readonly byte[] buffer = new byte[PartBytes];
        private int used;
        private int number;

        public override void Write(ReadOnlySpan<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                var count = Math.Min(bytes.Length, PartBytes - used);
                bytes[..count].CopyTo(buffer.AsSpan(used));
                used += count;
                bytes = bytes[count..];
                if (used == PartBytes) Save();
            }
        }

        private void Save()
        {
            if (used == 0) return;
            var part = db.Seal(buffer.AsSpan(0, used));
            db.Database.ExecuteSql($"""
                insert into roster_part (load_id, kind, number, body) values ({load}, {kind}, {number++}, {part})
                """);
            used = 0;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => ((long)number * PartBytes) + used;
            set => throw new NotSupportedException();
        }

        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) Save();
            base.Dispose(disposing);
        }
    }
}
