using Platform.Kernel;

namespace Registry.Organisations;

/// <summary>文件: duties of both sides, notes for members, policies; a new version replaces the one before.
/// Source: M-038, M-248.</summary>
public sealed record Paper
{
    public required Guid Id { get; init; }

    /// <summary>Path of the organisation that issued it.</summary>
    public required string Path { get; init; }
    public required Guid OrganisationId { get; init; }

    /// <summary>Code of the table <c>paper-kind</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>文号, as offices write it; "" when none.</summary>
    public string Number { get; init; } = "";
    public required string Title { get; init; }
    public required string Text { get; init; }

    /// <summary>1 for the first, then one more for each that replaces it.</summary>
    public required int Version { get; init; }

    /// <summary>The version before; null for the first.</summary>
    public Guid? ReplacesId { get; init; }

    /// <summary>Shown to everybody of the node, members included.</summary>
    public required bool Published { get; init; }
    public required DateOnly IssuedOn { get; init; }
}

/// <summary>An organisation below says that it has a paper and carries it out: the supervision of M-038.</summary>
public sealed record PaperReceipt
{
    public required Guid Id { get; init; }
    public required string Path { get; init; }
    public required Guid PaperId { get; init; }
    public required Guid OrganisationId { get; init; }

    /// <summary>How it is carried out, or "".</summary>
    public string Note { get; init; } = "";
    public required DateOnly ReceivedOn { get; init; }
}

/// <summary>书面报告: what an organisation reports to the one right above it for a period. Source: M-172..M-174,
/// M-283..M-285.</summary>
public sealed record OfficeReport
{
    public required Guid Id { get; init; }
    public required string Path { get; init; }
    public required Guid OrganisationId { get; init; }

    /// <summary>The organisation right above on the day of the report.</summary>
    public required Guid ToId { get; init; }

    /// <summary>Code of the table <c>report-kind</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>2026-Q1, 2026-H1 or, for a special report, the year.</summary>
    public required string Period { get; init; }
    public required string Title { get; init; }
    public required string Text { get; init; }
    public required DateOnly SentOn { get; init; }
}

/// <summary>Which periods a kind of report has. Source: M-172..M-174, M-283.</summary>
public static class ReportPeriods
{
    /// <summary>Quarter, half-year or year, as <c>2026-Q1</c>, <c>2026-H1</c>, <c>2026</c>; "" for a kind that is not
    /// sent by organisations.</summary>
    public static string Of(string kind, DateOnly on) => kind switch
    {
        "BQR" or "CQR" => $"{on.Year}-Q{((on.Month - 1) / 3) + 1}",
        "BHR" => $"{on.Year}-H{((on.Month - 1) / 6) + 1}",
        "SPE" => $"{on.Year}",
        _ => "",
    };

    /// <summary>Whether a period is one of the kind's, as <see cref="Of"/> writes them, from 2000 to 2099.</summary>
    public static bool Fits(string kind, string period)
    {
        if (period is not ['2', '0', (>= '0' and <= '9'), (>= '0' and <= '9'), ..]) return false;
        var rest = period[4..];
        return kind switch
        {
            "BQR" or "CQR" => rest is ['-', 'Q', (>= '1' and <= '4')],
            "BHR" => rest is ['-', 'H', '1' or '2'],
            "SPE" => rest.Length == 0,
            _ => false,
        };
    }
}

/// <summary>部门通报: how many mobile members another department knows of. Source: M-009, M-281.</summary>
public sealed record DepartmentReturn
{
    public required Guid Id { get; init; }
    public required string Path { get; init; }
    public required Guid OrganisationId { get; init; }

    /// <summary>Code of the table <c>department</c>.</summary>
    public required string Department { get; init; }
    public required DateOnly OnDay { get; init; }
    public required int Members { get; init; }
    public string Note { get; init; } = "";
}

/// <summary>活动证年审: one certificate, one year, its result and appraisal. Source: M-120, M-135.</summary>
public sealed record CertificateReview
{
    public required Guid Id { get; init; }
    public required Guid MemberId { get; init; }
    public required Guid CaseId { get; init; }
    public required string CertificateNumber { get; init; }
    public required int Year { get; init; }

    /// <summary>Code of the table <c>review-result</c>.</summary>
    public required string Result { get; init; }

    /// <summary>考评: what the branch says of the member's year.</summary>
    public required string Appraisal { get; init; }
    public required DateOnly ReviewedOn { get; init; }
}

/// <summary>管理模式: who leads between this side and a region, as their agreement says. Source: M-063, M-064.</summary>
public sealed record ManagementMode
{
    /// <summary>Default of the platform: the host leads, both manage (M-064).</summary>
    public const string Default = "JNT";

    public required Guid Id { get; init; }
    public required string Path { get; init; }
    public required Guid OrganisationId { get; init; }

    /// <summary>The other region, six digits.</summary>
    public required string PeerRegion { get; init; }

    /// <summary>Code of the table <c>management-mode</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>共管协议 it follows from.</summary>
    public required string Agreement { get; init; }
    public required DateOnly FromOn { get; init; }
}

/// <summary>党代表名额: delegates of one congress, and how many of them are kept for mobile members. Source:
/// M-193.</summary>
public sealed record DelegateQuota
{
    public required Guid Id { get; init; }
    public required string Path { get; init; }
    public required Guid OrganisationId { get; init; }
    public required string Congress { get; init; }
    public required int Delegates { get; init; }
    public required int ForMobile { get; init; }
    public required DateOnly DecidedOn { get; init; }
}

/// <summary>同步考察: one examination of a park, economic targets and party building looked at together by people.
/// Source: M-028.</summary>
public sealed record ParkExamination
{
    public required Guid Id { get; init; }
    public required string Path { get; init; }

    /// <summary>The park's organisation, or the committee in charge where it has none yet (M-053, M-054).</summary>
    public required Guid OrganisationId { get; init; }

    /// <summary>The park's name in the register of units.</summary>
    public required string Site { get; init; }

    /// <summary>Year, half-year or quarter, as <see cref="ReportPeriods"/> writes them.</summary>
    public required string Period { get; init; }
    public required DateOnly ExaminedOn { get; init; }
    public required string EconomicGoals { get; init; }
    public required string EconomicResult { get; init; }
    public required string PartyGoals { get; init; }
    public required string PartyResult { get; init; }
    public required string Conclusion { get; init; }

    /// <summary>Units of the park in the register when it was examined (M-069).</summary>
    public required int Units { get; init; }

    /// <summary>Those of <see cref="Units"/> with an organisation of their own or a joint one.</summary>
    public required int Organised { get; init; }

    /// <summary>Those of <see cref="Units"/> with members and without an organisation.</summary>
    public required int MembersOnly { get; init; }
}

/// <summary>Obstacles of these records.</summary>
public static class OfficeProblems
{
    /// <summary>RECORD_EXISTS.</summary>
    public static Problem Exists { get; } = new(ProblemKind.Precondition, "RECORD_EXISTS",
        "There is such a record for this period or thing already.", "该期间或事项已有记录。");

    /// <summary>REPORT_NOBODY_ABOVE.</summary>
    public static Problem NobodyAbove { get; } = new(ProblemKind.Precondition, "REPORT_NOBODY_ABOVE",
        "No organisation of this node stands above the one that reports.", "本节点没有上级组织可供报送。");

    /// <summary>PAPER_NOT_FOUND.</summary>
    public static Problem PaperNotFound { get; } = new(ProblemKind.NotFound, "PAPER_NOT_FOUND",
        "There is no such paper that you may read.", "没有您可查阅的这份文件。");

    /// <summary>PAPER_REPLACED.</summary>
    public static Problem PaperReplaced { get; } = new(ProblemKind.Precondition, "PAPER_REPLACED",
        "A newer version has replaced this paper.", "该文件已有新版本。");
}
