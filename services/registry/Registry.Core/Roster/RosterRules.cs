namespace Registry.Roster;

/// <summary>Judges rows one by one: a row becomes an entry or a list of problems. Tables and date come in.</summary>
/// <param name="today">Civil date in Asia/Shanghai.</param>
/// <remarks>Source: M-073 to M-075, R-020 to .</remarks>
public sealed class RosterRules(CodeBook codes, DivisionBook divisions, DateOnly today)
{
    /// <summary>One row of sheet 组织 by itself; superiors are resolved by <see cref="RosterRun"/>.</summary>
    public RosterOutcome<OrganisationEntry> Organisation(RosterRow row)
    {
        var cells = new RosterRowReader(row, codes, divisions, today);
        var code = cells.OrganisationCode("code");
        var name = cells.Text("name");
        if (name is { Length: < 2 }) cells.Say("name", RosterRuleBook.Required);
        var type = cells.Code("type");
        var entry = new OrganisationEntry(code ?? "", name ?? "", type?.Code ?? "", cells.OrganisationCode("parent"))
        {
            Division = cells.Division("division"),
            Contact = cells.Name("contact"),
            Phone = cells.Phone("phone"),
            ExternalCode = cells.ExternalCode("external-code"),
            Remark = cells.Text("remark"),
        };
        return new(row, cells.IsRefused ? null : entry, [.. cells.Problems]);
    }

    /// <summary>One row of sheet 党员 by itself; branch and duplicates are judged by <see cref="RosterRun"/>.</summary>
    public RosterOutcome<MemberEntry> Member(RosterRow row)
    {
        var cells = new RosterRowReader(row, codes, divisions, today);
        var name = cells.Name("name");
        var sex = SexOf(cells.Code("sex"));
        var ethnicGroup = cells.Code("ethnic-group");
        var id = cells.Identity("id-number");
        if (id is { } known && sex is not null && known.Sex != sex) cells.Say("sex", RosterRuleBook.SexDiffers);
        var bornOn = cells.Date("born-on");
        if (id?.BornOn is { } stated && bornOn is { } born && stated != born)
            cells.Say("born-on", RosterRuleBook.BirthDiffers);
        var nativePlace = cells.Text("native-place");
        var education = cells.Code("education");
        var joinedOn = cells.Date("joined-on");
        if (joinedOn < bornOn?.AddYears(18)) cells.Say("joined-on", RosterRuleBook.JoinedYoung);
        var membership = MembershipOf(cells.Code("membership"));
        var fullOn = FullOn(cells, membership, joinedOn);
        var branch = cells.OrganisationCode("branch");
        var phone = cells.Phone("phone");
        var entry = new MemberEntry
        {
            Name = name.GetValueOrDefault(),
            Sex = sex ?? Sex.Unknown,
            EthnicGroup = ethnicGroup?.Code ?? "",
            IdNumber = id.GetValueOrDefault(),
            BornOn = bornOn.GetValueOrDefault(),
            NativePlace = nativePlace,
            Education = education?.Code ?? "",
            JoinedOn = joinedOn.GetValueOrDefault(),
            Membership = membership ?? Membership.Full,
            FullOn = fullOn,
            Branch = branch ?? "",
            Phone = phone.GetValueOrDefault(),
            Occupation = cells.Text("occupation"),
            Sector = cells.Code("sector")?.Code,
            Employer = cells.Text("employer"),
            EmployerCode = cells.Credit("credit-code"),
            Residence = cells.Text("residence"),
            Mobility = Mobility(row, cells),
            EmergencyPhone = cells.Phone("emergency-phone"),
            Remark = cells.Text("remark"),
        };
        return new(row, cells.IsRefused ? null : entry, [.. cells.Problems]);
    }

    internal bool HoldsMembers(string organisationType) =>
        codes["organisation-type"].Find(organisationType)?.Is("holds-members") == true;

    private static DateOnly? FullOn(RosterRowReader cells, Membership? membership, DateOnly? joinedOn)
    {
        var fullOn = cells.Date("full-on");
        if (fullOn is not null && membership == Membership.Probationary)
            cells.Say("full-on", RosterRuleBook.ProbationFull);
        else if (fullOn < joinedOn) cells.Say("full-on", RosterRuleBook.FullEarly);
        return fullOn;
    }

    /// <summary>The mobile items: needed together for a mobile member, read over with a warning otherwise.</summary>
    private static MobilityEntry? Mobility(RosterRow row, RosterRowReader cells)
    {
        var mobile = cells.Code("mobile");
        if (mobile is null) return null;
        if (mobile.Code == "0")
        {
            foreach (var column in MobileItems)
                if (!row[column].IsBlank) cells.Say(column, RosterRuleBook.MobileUnexpected);
            return null;
        }
        foreach (var column in MobileNeeded)
            if (row[column].IsBlank) cells.Say(column, RosterRuleBook.MobileMissing);
        var (type, reason) = (cells.Code("mobility-type"), cells.Code("mobility-reason"));
        var destination = cells.Division("destination");
        var address = cells.Text("destination-address");
        var departedOn = cells.Date("departed-on");
        var returnOn = cells.Date("return-planned-on", mayLieAhead: true);
        if (returnOn < departedOn) cells.Say("return-planned-on", RosterRuleBook.ReturnEarly);
        return new(type?.Code ?? "", reason?.Code ?? "", destination ?? "", departedOn.GetValueOrDefault())
        {
            Address = address,
            ReturnPlannedOn = returnOn,
            Certificate = cells.Certificate("certificate"),
        };
    }

    private static readonly string[] MobileNeeded = ["mobility-type", "mobility-reason", "destination", "departed-on"];

    private static readonly string[] MobileItems =
        [.. MobileNeeded, "destination-address", "return-planned-on", "certificate"];

    private static Sex? SexOf(CodeEntry? entry) => entry?.Code switch
    {
        null => null,
        "1" => Sex.Male,
        "2" => Sex.Female,
        "9" => Sex.NotStated,
        _ => Sex.Unknown,
    };

    private static Membership? MembershipOf(CodeEntry? entry) =>
        entry is null ? null : entry.Code == "01" ? Membership.Full : Membership.Probationary;
}
