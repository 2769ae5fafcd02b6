using Registry.Members;
using Registry.Mobility;

namespace Registry.Service.Capabilities;

/// <summary>Facts as lists and cards show them: identifiers masked (3+2 and 3+4). Source: R-166.</summary>
public sealed record FactsReply(string Name, string IdNumberMasked, string PhoneMasked, string Standing,
    string Employer,
    string CreditCode, string Occupation, string Residence, string CertificateNumber)
{
    internal static FactsReply Of(CaseFacts f) => new(f.Name, ResidentId.Mask(f.IdNumber), PhoneNumber.Mask(f.Phone),
        f.Standing, f.Employer, f.CreditCode, f.Occupation, f.Residence, f.CertificateNumber);
}

/// <summary>The home side of a case.</summary>
/// <param name="MobileOn">First day of the seventh month away: from then on the member is "mobile" .</param>
public sealed record OutboundReply(Guid CaseId, Guid? MemberId, string HomePath, string HomeRegion, string HomeBranch,
    string HostRegion, int Leg, OutboundStatus Status, Agreement Agreement, IReadOnlyList<string> Differences,
    string NextStep, Side? NextBy, FactsReply Facts, FactsReply? HostFacts, DateOnly DepartsOn,
        DateOnly? PlannedReturnOn,
    DateOnly MobileOn, string Reason, string ContactPerson, string HostBranch, string HostContact,
    DateOnly? LastFeedbackOn, string? LastFeedback, DateOnly? EndedOn, LostContactFinding? LostContact,
    DateTimeOffset Since, DateOnly? TalkOn, DateOnly? EducatedOn, long Revision)
{
    internal static OutboundReply Of(OutboundCard c) => new(c.Id, c.MemberId, c.HomePath, c.HomeRegion, c.HomeBranch,
        c.HostRegion, c.Leg, c.Status, c.Agreement, CaseFacts.Differences(c.Facts, c.PeerFacts), c.Next.Step, c.Next.By,
        FactsReply.Of(c.Facts), c.PeerFacts is null ? null : FactsReply.Of(c.PeerFacts), c.DepartsOn, c.PlannedReturnOn,
        SixMonthTest.MobileOn(c.DepartsOn), c.Reason, c.ContactPerson, c.HostBranch, c.HostContact, c.LastFeedbackOn,
        c.LastFeedback, c.EndedOn, c.LostContact, c.Since, c.TalkOn, c.EducatedOn, c.Revision);
}

/// <summary>The host side of a case.</summary>
public sealed record InboundReply(Guid Id, Guid CaseId, int Leg, string HostPath, string HostRegion, string HomeRegion,
    string HomeBranch, string HomeContact, InboundStatus Status, Agreement Agreement, IReadOnlyList<string> Differences,
    string NextStep, Side? NextBy, FactsReply Facts, FactsReply? HomeFacts, DateOnly ArrivesOn, string DocumentShown,
    Guid? BranchId, string BranchName, string PlacementReason, string HostContact, DateOnly? AdmittedOn,
    DateOnly? LastFeedbackOn, DateOnly? LeftOn, DepartureReason? LeftBecause, LostContactFinding? LostContact,
    DateTimeOffset Since, long Revision)
{
    internal static InboundReply Of(InboundCard c) => new(c.Id, c.CaseId, c.Leg, c.HostPath, c.HostRegion, c.HomeRegion,
        c.HomeBranch, c.HomeContact, c.Status, c.Agreement, CaseFacts.Differences(c.Facts, c.PeerFacts), c.Next.Step,
        c.Next.By, FactsReply.Of(c.Facts), c.PeerFacts is null ? null : FactsReply.Of(c.PeerFacts), c.ArrivesOn,
        c.DocumentShown, c.BranchId, c.BranchName, c.PlacementReason, c.HostContact, c.AdmittedOn, c.LastFeedbackOn,
        c.LeftOn, c.LeftBecause, c.LostContact, c.Since, c.Revision);
}

/// <summary>A member's archive, identifiers masked.</summary>
public sealed record MemberReply(Guid Id, Guid BranchId, string BranchPath, string Name, string IdNumberMasked,
    string Sex,
    string EthnicGroup, DateOnly BirthOn, string NativePlace, string Education, DateOnly? JoinedOn, string Standing,
    string PhoneMasked, string Occupation, string Employer, string CreditCode, string RolePlayed, DateOnly? EndedOn,
    string EndedBecause)
{
    internal static MemberReply Of(Member m) => new(m.Id, m.BranchId, m.BranchPath, m.Name, ResidentId.Mask(m.IdNumber),
        m.Sex, m.EthnicGroup, m.BirthOn, m.NativePlace, m.Education, m.JoinedOn, m.Standing, PhoneNumber.Mask(m.Phone),
        m.Occupation, m.Employer, m.CreditCode, m.RolePlayed, m.EndedOn, m.EndedBecause);
}

/// <summary>A page of a list and where the next one starts.</summary>
/// <param name="Next">Send as <c>after</c>; null on the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
