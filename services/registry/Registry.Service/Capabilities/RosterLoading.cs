using Platform.Contracts.Registry.V1;
using Platform.Hosting;
using Registry.Members;
using Registry.Organisations;
using Registry.Roster;
using Registry.Service.Persistence;
using Registry.Service.Roster;

namespace Registry.Service.Capabilities;

/// <summary>Turns the accepted rows of one roster into organisations and members, in the load's transaction.</summary>
internal sealed class RosterLoading(RegistryDb db, Caller caller, DateTimeOffset now, Guid loadId, string region,
    Dictionary<string, Organisation> known)
{
    public void Apply(RosterReport report, Dictionary<string, Member> present)
    {
        // The region's own top comes first: whatever names no superior hangs below it.
        foreach (var entry in report.AcceptedOrganisations.OrderBy(o => o.Code != region)) Organisation(entry);
        foreach (var entry in report.AcceptedMembers) Member(entry, present.GetValueOrDefault(entry.IdNumber.Value));
    }

    private void Organisation(OrganisationEntry entry)
    {
        var parent = known.GetValueOrDefault(entry.Parent ?? region);
        if (known.TryGetValue(entry.Code, out var existing))
        {
            known[entry.Code] = db
                .Apply(loadId, existing.Id, existing, Change(o => OrganisationDecider.Amend(o, x => x with
            {
                Name = entry.Name,
                Type = entry.Type,
                Contact = entry.Contact?.Value ?? x.Contact,
                Phone = entry.Phone?.Value ?? x.Phone,
            }, OrganisationTypes.All)));
            return;
        }
        var organisation = new Organisation
        {
            Id = Guid.CreateVersion7(now),
            Code = entry.Code,
            Path = parent is null ? Regions.PathOf(region) : $"{parent.Path}{entry.Code}/",
            ParentId = parent?.Id,
            Region = region,
            Name = entry.Name,
            Type = entry.Type,
            Contact = entry.Contact?.Value ?? "",
            Phone = entry.Phone?.Value ?? "",
        };
        caller.Require(organisation.Path, Access.LoadRosters);
        known[entry.Code] = db.Apply(loadId, organisation.Id, null, Change(_ =>
            OrganisationDecider.Found(null, false, organisation, parent, OrganisationTypes.All)));
    }

    private static Change<Organisation, OrganisationEvent> Change(
        Func<Organisation?, Platform.Kernel.Decision<OrganisationEvent>> decide) => new("organisation", decide,
        OrganisationDecider.Evolve, o => o.Path,
        (_, after, e) => [new BusFact(new OrganisationChanged(after.Id, after.Path, e.GetType().Name))]);

    private void Member(MemberEntry entry, Member? existing)
    {
        var branch = known[entry.Branch];
        caller.Require(branch.Path, Access.LoadRosters);
        var id = existing?.Id ?? Guid.CreateVersion7(now);
        var member = new Member
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
            Standing = entry.Membership == Membership.Full ? "full" : "probationary",
            Phone = entry.Phone.Value,
            Occupation = entry.Occupation ?? "",
            Employer = entry.Employer ?? "",
            CreditCode = entry.EmployerCode?.Value ?? "",
            Residence = entry.Residence ?? "",
            RolePlayed = existing?.RolePlayed ?? "",
            Source = $"import:{loadId}",
        };
        db.Apply(loadId, id, existing, new Change<Member, MemberEvent>("member",
            current => current is null ? MemberDecider.Register(false, true, member)
                : MemberDecider.Amend(current, _ => member),
            MemberDecider.Evolve, m => m.BranchPath,
            (_, after, e) =>
                e is MemberRegistered ? [new BusFact(new MemberWasRegistered(after.Id, after.BranchPath))] : []));
    }
}
