using Registry.Members;
using Registry.Mobility;
using Registry.Organisations;
using Registry.Roster;

namespace Registry.Service.Bulk;

/// <summary>What a row says, as the register keeps it.</summary>
internal static class RosterMember
{
    public static Member Of(Guid load, Guid id, MemberEntry entry, Organisation branch, Member? existing) => new()
    {
        Id = id,
        BranchId = branch.Id,
        BranchPath = branch.Path,
        Name = entry.Name.Value,
        IdNumber = entry.IdNumber.Value,
        Sex = ((int)entry.Sex).ToString(System.Globalization.CultureInfo.InvariantCulture),
        EthnicGroup = entry.EthnicGroup,
        BirthOn = entry.BornOn,
        NativePlace = entry.NativePlace ?? "",
        Education = entry.Education,
        JoinedOn = entry.JoinedOn,
        Standing = StandingOf(entry),
        Phone = entry.Phone.Value,
        Occupation = entry.Occupation ?? "",
        Employer = entry.Employer ?? "",
        CreditCode = entry.EmployerCode?.Value ?? "",
        Residence = entry.Residence ?? "",
        RolePlayed = existing?.RolePlayed ?? "",
        Source = $"import:{load}",
    };

    public static OutboundCard CardOf(
        Guid id, Guid member, MemberEntry entry, Organisation branch, Guid appliedBy, byte[] caseKey)
    {
        var mobility = entry.Mobility!;
        return new()
        {
            Id = id,
            MemberId = member,
            HomePath = branch.Path,
            HomeRegion = branch.Region,
            HomeBranch = branch.Name,
            HostRegion = mobility.Destination,
            Status = OutboundStatus.Applied,
            Facts = new()
            {
                Name = entry.Name.Value,
                IdNumber = entry.IdNumber.Value,
                Phone = entry.Phone.Value,
                Standing = StandingOf(entry),
                Employer = entry.Employer ?? "",
                CreditCode = entry.EmployerCode?.Value ?? "",
                Occupation = entry.Occupation ?? "",
                Residence = mobility.Address ?? "",
                CertificateNumber = mobility.Certificate?.Value ?? "",
            },
            Reason = mobility.Reason,
            DepartsOn = mobility.DepartedOn,
            PlannedReturnOn = mobility.ReturnPlannedOn,
            AppliedBy = appliedBy,
            CaseKey = caseKey,
            Since = default,
        };
    }

    private static string StandingOf(MemberEntry entry) =>
        entry.Membership == Membership.Full ? "full" : "probationary";
}
