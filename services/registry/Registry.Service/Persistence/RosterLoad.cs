using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Registry.Roster;

namespace Registry.Service.Persistence;

/// <summary>Where a load stands. Each is left only in the transaction that finishes its work.</summary>
public enum LoadStatus
{
    /// <summary>The file is being sent.</summary>
    Receiving,

    /// <summary>Rows are read, judged one by one, and their keys kept.</summary>
    Checking,

    /// <summary>Rows are compared with each other.</summary>
    Comparing,

    /// <summary>Right rows go in.</summary>
    Loading,

    /// <summary>Wrong rows are written into the error workbook.</summary>
    Reporting,

    /// <summary>A dry run ended: the file waits to be loaded or forgotten.</summary>
    Checked,

    /// <summary>All right rows are in.</summary>
    Done,

    /// <summary>The file as a whole was refused; nothing went in.</summary>
    Refused,

    /// <summary>What the load created is being withdrawn, what it amended restored.</summary>
    Undoing,

    /// <summary>What the load did is taken back, but for what somebody changed since.</summary>
    Undone,
}

/// <summary>One roster: who sent it, how far it is, what became of it.</summary>
public sealed record RosterLoad
{
    public required Guid Id { get; init; }
    public required string OrgPath { get; init; }
    public required string Region { get; init; }
    public required string FileName { get; init; }
    public required Guid LoadedBy { get; init; }

    /// <summary>Who started the work under way: the loader, later perhaps somebody else who undoes.</summary>
    public required Guid Actor { get; set; }
    public required string ActorName { get; set; }
    public required string ActorOrg { get; set; }
    public string? OnBehalfOf { get; set; }
    public required DateTimeOffset At { get; init; }

    /// <summary>Civil day whose rules hold for the whole load, however long it takes.</summary>
    public required DateOnly CheckedOn { get; init; }
    public required bool DryRun { get; set; }
    public required LoadStatus Status { get; set; }

    /// <summary>When the status or a count changed last.</summary>
    public required DateTimeOffset ChangedAt { get; set; }
    public long FileBytes { get; set; }

    /// <summary>Member rows read so far; the whole number once checking is over.</summary>
    public int Rows { get; set; }

    /// <summary>Number (as the clerk sees it) of the last row whose keys are kept.</summary>
    public int CheckedTo { get; set; }

    /// <summary>Number of the last row that was loaded or left out.</summary>
    public int LoadedTo { get; set; }
    public int OrganisationsAccepted { get; set; }
    public int Created { get; set; }
    public int Amended { get; set; }
    public int CasesOpened { get; set; }
    public int Refused { get; set; }
    public int ProblemCount { get; set; }

    /// <summary>The first problems as the clerk is shown them, sealed; null before the report.</summary>
    public byte[]? Problems { get; set; }

    /// <summary>Why the file was refused; "" when it was not.</summary>
    public string ProblemCode { get; set; } = "";
    public string ProblemDetail { get; set; } = "";
    public string ProblemDetailZh { get; set; } = "";

    /// <summary>Organisations this load founded, superiors first.</summary>
    public Guid[] Founded { get; set; } = [];
    public string UndoReason { get; set; } = "";
    public Guid? UndoCommand { get; set; }

    /// <summary>Last row the undo has looked at.</summary>
    public int UndoneTo { get; set; }
    public int Withdrawn { get; set; }

    /// <summary>Amended rows whose members say again what they said before the load.</summary>
    public int Restored { get; set; }

    /// <summary>Rows of which something stays; each says why.</summary>
    public int Kept { get; set; }

    /// <summary>Member rows that pass every rule.</summary>
    public int Accepted => Rows - Refused;
}

/// <summary>What a row of sheet 党员 came to.</summary>
public enum LineState : short
{
    Right, Warned, Wrong, HeldElsewhere,

    /// <summary>Its branch was gone when it should have gone in.</summary>
    BranchGone,

    /// <summary>Not undone, or not all of it: <see cref="RosterLine.Why"/> says why.</summary>
    Kept,
}

/// <summary>Why an undone load left something of a row in the register.</summary>
public enum KeptWhy : short
{
    /// <summary>Somebody changed the member since; of an amended one, the fields named.</summary>
    Changed,

    /// <summary>The case that the row opened was worked on since.</summary>
    CaseWentOn,

    /// <summary>The archive went into another one or out of reach.</summary>
    Elsewhere,

    /// <summary>Other records hang on it.</summary>
    Referred,
}

/// <summary>One row of sheet 党员 by number, without its contents: keys to compare by, and whom it became.</summary>
public sealed class RosterLine
{
    public required Guid LoadId { get; init; }
    public required int Line { get; init; }
    public required string OrgPath { get; init; }
    public required LineState State { get; set; }

    /// <summary>Null when the row itself is wrong.</summary>
    public byte[]? IdIndex { get; init; }
    public byte[]? PersonIndex { get; init; }
    public byte[]? PhoneIndex { get; init; }

    /// <summary>First row with the same id number; such a row is not loaded.</summary>
    public int? TwinLine { get; init; }

    /// <summary>First row with the same name and birth date.</summary>
    public int? AlikeLine { get; init; }

    /// <summary>First row with the same telephone number.</summary>
    public int? PhoneLine { get; init; }

    /// <summary>The member's record, chosen when the row was checked; null for a row that is not loaded.</summary>
    public Guid? MemberId { get; set; }

    /// <summary>The branch has the member already: the row amends.</summary>
    public bool Amends { get; set; }

    /// <summary>Why something of the row stays after an undo; null unless it does.</summary>
    public KeptWhy? Why { get; set; }

    /// <summary>Fields of an amended member that stay, comma separated.</summary>
    public string KeptFields { get; set; } = "";

    /// <summary>The row says that the member is out, and an open case says so already.</summary>
    public bool CaseOpen { get; set; }

    /// <summary>What comparing found, for <see cref="RosterRun"/>.</summary>
    public RosterFinding Finding =>
        new(State == LineState.HeldElsewhere, TwinLine, AlikeLine, PhoneLine) { CaseOpen = CaseOpen };
}

/// <summary>How an organisation's own files are read, remembered by their header.</summary>
public sealed record SavedMapping
{
    public required Guid Id { get; init; }
    public required string OrgPath { get; init; }
    public required RosterMapping Mapping { get; set; }

    /// <summary>Of the mapping's header; unique within an organisation.</summary>
    public required string Fingerprint { get; init; }
    public required string SavedBy { get; set; }
    public required DateTimeOffset SavedAt { get; set; }
}

/// <summary>Tables of loads.</summary>
internal static class RosterModel
{
    public static void Add(ModelBuilder model)
    {
        model.Entity<RosterLoad>(e =>
        {
            e.ToTable("roster_load").Ignore(l => l.Accepted);
            e.Property<uint>("xmin").IsRowVersion();
        });
        model.Entity<RosterLine>(e =>
        {
            e.ToTable("roster_line").Ignore(l => l.Finding).HasKey(l => new { l.LoadId, l.Line });
            e.Property(l => l.State).HasConversion<short>();
            e.Property(l => l.Why).HasConversion<short?>();
        });
        model.Entity<SavedMapping>(e =>
        {
            e.ToTable("roster_mapping");
            e.Property(m => m.Mapping).HasColumnType("jsonb").HasConversion(
                m => JsonSerializer.Serialize(m, JsonSerializerOptions.Web),
                text => JsonSerializer.Deserialize<RosterMapping>(text, JsonSerializerOptions.Web)!,
                new ValueComparer<RosterMapping>((a, b) => ReferenceEquals(a, b), m => m.GetHashCode()));
        });
    }
}
