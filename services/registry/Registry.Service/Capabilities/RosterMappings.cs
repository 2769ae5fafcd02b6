using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Organisations;
using Registry.Roster;
using Registry.Service.Bulk;
using Registry.Service.Persistence;
using Registry.Service.Reference;
using Registry.Service.Roster;

namespace Registry.Service.Capabilities;

/// <summary>
/// Files with headers of their own: a guess from the first rows, the clerk's word once, recognised ever after by the
/// header. Source: M-073, M-077.
/// </summary>
internal static class RosterMappingsApi
{
    private const int RowsLookedAt = 200;
    private const int WordsMax = 200;
    private const int MappingsMax = 200;

    /// <param name="Saved">The organisation has mapped this header already; this is what it said.</param>
    /// <param name="HeaderRow">Row of the file that was taken for the header, 1-based among rows with content.</param>
    /// <param name="Missing">Columns of ours that are needed and that nothing fills yet.</param>
    /// <param name="Choices">All columns of the sheet.</param>
    public sealed record GuessReply(bool Saved, int HeaderRow, RosterMapping Mapping,
        IReadOnlyList<ColumnGuess> Columns, IReadOnlyList<string> Missing, IReadOnlyList<ColumnChoice> Choices);

    /// <param name="Table">Code table of its words; "" for other values.</param>
    public sealed record ColumnChoice(string Column, string Title, bool Required, string Table, string Allowed);

    /// <param name="Letter">As the clerk sees the column.</param>
    /// <param name="Column">Our column; null when none is like it.</param>
    /// <param name="UnknownWords">Words of the first rows that our code table lacks: give translations.</param>
    public sealed record ColumnGuess(
        string Letter, string Header, string? Column, string? Title, IReadOnlyList<string> UnknownWords);

    public sealed record SavedReply(string Fingerprint, RosterMapping Mapping, string SavedBy, DateTimeOffset SavedAt);

    public static void MapRosterMappings(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/rosters/mappings").WithTags("rosters");
        group.MapPost("/guess", GuessAsync).WithMetadata(new GuessSizeLimit());
        api.MapPost("/rosters/{id:guid}/guess", GuessOfLoadAsync).WithTags("rosters");
        group.MapPut("", SaveAsync);
        group.MapGet("", ListAsync);
    }

    /// <summary>Body: the file, or its beginning for .csv.</summary>
    private static async Task<GuessReply> GuessAsync(HttpRequest request, string region, string fileName,
        RegistryDb db, CallerContext context, CancellationToken ct)
    {
        var input = new Input();
        input.Region(region, "region");
        input.Text(fileName, "fileName", 200);
        input.ThrowIfAny();
        context.Current.Require(Regions.PathOf(region), Access.LoadRosters);
        using var file = new MemoryStream();
        await request.Body.CopyToAsync(file, ct);
        return await GuessFromAsync(file, fileName, Regions.PathOf(region), db, ct);
    }

    /// <summary>The same for a file that was sent for a dry run and whose header was refused.</summary>
    private static async Task<GuessReply> GuessOfLoadAsync(Guid id, RegistryDb db, NpgsqlDataSource source,
        CallerContext context, CancellationToken ct)
    {
        var load = await RostersApi.FindAsync(id, db, context, ct);
        if (!RostersApi.IsUnmapped(load)) throw new ProblemException(RostersApi.NotNow(load.Status));
        using var file = StagedFile.Open(db, source, id, StagedKind.File, load.FileBytes);
        return await GuessFromAsync(file, load.FileName, load.OrgPath, db, ct);
    }

    private static async Task<GuessReply> GuessFromAsync(Stream file, string fileName, string orgPath, RegistryDb db,
        CancellationToken ct)
    {
        var (rows, problem) = RosterReader.Start(file, fileName, RowsLookedAt);
        if (problem is not null) throw new ProblemException(problem);
        var saved = await db.Set<SavedMapping>().AsNoTracking().Where(m => m.OrgPath == orgPath).ToListAsync(ct);
        var titles = rows.Take(RosterLimits.Default.RowsAboveHeaderMax + 1).Select(HeaderFinder.Titles).ToList();
        var known = titles.Select(t => saved.FirstOrDefault(s => s.Fingerprint == FingerprintOf(t))).ToList();
        var at = known.FindIndex(k => k is not null);
        if (at >= 0) return Reply(true, at, known[at]!.Mapping, rows);
        var guesses = titles.Select(RosterMapping.Guess).ToList();
        at = guesses.IndexOf(guesses.MaxBy(g => g.Columns.Length)!);
        return Reply(false, at, guesses[at], rows);
    }

    private static GuessReply Reply(
        bool saved, int at, RosterMapping mapping, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var sheet = RosterSheet.All.Single(s => s.Name == mapping.Sheet);
        var columns = mapping.Headers.Select((header, place) =>
        {
            var mapped = mapping.Columns.FirstOrDefault(c => c.Place == place);
            var column = mapped is null ? null : sheet[mapped.Column];
            var unknown = column?.Kind != RosterKind.Code ? [] : rows.Skip(at + 1)
                .Select(r => place < r.Count ? r[place].Trim() : "")
                .Where(w => w.Length > 0 && !mapped!.Words.ContainsKey(w)
                    && ReferenceData.Codes[column.Table].Find(w) is null).Distinct().Take(WordsMax).ToArray();
            return new ColumnGuess(RosterHeader.LetterOf(place), header, column?.Name, column?.Title, unknown);
        });
        return new(saved, at + 1, mapping, [.. columns], mapping.Faults(), [.. sheet.Columns.Select(c =>
            new ColumnChoice(c.Name, c.Title, c.Fill != RosterFill.Optional, c.Table, c.AllowedZh))]);
    }

    /// <summary>Keeps the mapping; a later one for the same header replaces it.</summary>
    private static async Task<SavedReply> SaveAsync(string region, RosterMapping body, CommandId command,
        RegistryDb db, CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        input.Region(region, "region");
        input.Must(!body.Headers.IsDefaultOrEmpty && body.Headers.Length <= RosterLimits.Default.ColumnsMax
            && body.Headers.All(h => h is { Length: <= 100 } && IsWord(h)), "headers", "NOT_A_HEADER",
            "1 to 100 titles of at most 100 characters.", "须为 1 至 100 个标题，每个不超过 100 字。");
        input.Must(!body.Columns.IsDefaultOrEmpty, "columns", "REQUIRED", "A value is required.", "必填。");
        input.Must(body.Columns.IsDefault || body.Columns.All(c => c is { Column: not null, Words: not null }
            && c.Words.All(w => IsWord(w.Key) && IsWord(w.Value)) && IsWord(c.Fixed ?? "")), "columns", "NOT_A_COLUMN",
            "Each names its column; translations are words without control characters.",
            "每项须写明列名，对照须为不含控制字符的文字。");
        input.ThrowIfAny();
        foreach (var column in body.Columns)
            input.Must(column.Words.Count <= WordsMax && (column.Fixed?.Length ?? 0) <= 200, $"columns.{column.Column}",
                "TOO_MANY_WORDS", $"At most {WordsMax} translations, a fixed value of at most 200 characters.",
                $"最多 {WordsMax} 个对照，固定值不超过 200 字。");
        context.Current.Require(Regions.PathOf(region), Access.LoadRosters);
        var mapping = body with { Headers = HeaderFinder.Titles(body.Headers) };
        foreach (var fault in mapping.Faults())
            input.Must(false, fault, "NOT_MAPPED", "Unknown, mapped twice, without a place, or needed and not filled.",
                "未知列、重复对应、没有对应的列，或必填列未对应。");
        input.ThrowIfAny();
        var (path, print) = (Regions.PathOf(region), FingerprintOf(mapping.Headers));
        var saved = await db.Set<SavedMapping>().SingleOrDefaultAsync(
            m => m.OrgPath == path && m.Fingerprint == print, ct);
        if (saved is null)
        {
            if (await db.Set<SavedMapping>().CountAsync(m => m.OrgPath == path, ct) >= MappingsMax)
                throw new ProblemException(TooMany);
            saved = new()
            {
                Id = command.Value,
                OrgPath = path,
                Fingerprint = print,
                Mapping = mapping,
                SavedBy = context.Current.Name,
                SavedAt = clock.GetUtcNow(),
            };
            db.Add(saved);
        }
        else (saved.Mapping, saved.SavedBy, saved.SavedAt) = (mapping, context.Current.Name, clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        return ReplyOf(saved);
    }

    private static bool IsWord(string? text) => text is not null && !text.Any(char.IsControl);

    private static async Task<IReadOnlyList<SavedReply>> ListAsync(
        string region, RegistryDb db, CallerContext context, CancellationToken ct)
    {
        var input = new Input();
        input.Region(region, "region");
        input.ThrowIfAny();
        context.Current.Require(Regions.PathOf(region), Access.LoadRosters);
        var path = Regions.PathOf(region);
        return [.. (await db.Set<SavedMapping>().AsNoTracking().Where(m => m.OrgPath == path)
            .OrderBy(m => m.SavedAt).ToListAsync(ct)).Select(ReplyOf)];
    }

    private static SavedReply ReplyOf(SavedMapping m) => new(m.Fingerprint, m.Mapping, m.SavedBy, m.SavedAt);

    private static string FingerprintOf(ImmutableArray<string> titles) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', titles))));

    private static Problem TooMany { get; } = new(ProblemKind.Precondition, "ROSTER_MAPPINGS_TOO_MANY",
        "An organisation keeps at most 200 mappings.", "每个组织最多保存 200 个列对应。");

    private sealed class GuessSizeLimit : Microsoft.AspNetCore.Http.Metadata.IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => 32 * 1024 * 1024;
    }
}
