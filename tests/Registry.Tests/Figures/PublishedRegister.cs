using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;
using Platform.Hosting;
using Platform.Seeds;
using Registry.Mobility;
using Registry.Organisations;
using Registry.Service.Reference;
using Registry.Tests.Service;

namespace Registry.Tests.Figures;

/// <summary>Loads the synthetic registers set by set: a few statements over whole columns, all keys and ciphers real.
/// </summary>
internal sealed class PublishedRegister(RegistryFixture registry)
{
    private readonly FieldCipher _cipher = registry.Services.GetRequiredService<FieldCipher>();
    private readonly Dictionary<string, Guid> _organisations = [];

    public async Task LoadAsync(FiguresDemo demo)
    {
        foreach (var county in new[] { FiguresDemo.CountyA, FiguresDemo.CountyB }) await OrganisationsAsync(county);
        var ids = demo.Members.Select(_ => Guid.CreateVersion7()).ToArray();
        await MembersAsync(demo, ids);
        await CardsAsync([.. demo.Members.Zip(ids).Where(m => m.First.HostRegion.Length > 0)]);
        await GuestsAsync(demo.Guests);
    }

    private static string PathOf(FigureBranch b) => $"{Regions.PathOf(b.County)}T{b.Town}/T{b.Town}B{b.Number}/";

    private async Task OrganisationsAsync(string county)
    {
        var top = Regions.PathOf(county);
        var rows = new List<(string Path, string? Parent, string Type)> { (top, null, "GCM") };
        for (var town = 1; town <= FiguresDemo.Towns; town++)
        {
            rows.Add(($"{top}T{town}/", top, "GCM"));
            for (var b = 1; b <= FiguresDemo.Branches; b++) rows.Add(($"{top}T{town}/T{town}B{b}/", $"{top}T{town}/",
                "BRA"));
        }
        foreach (var (path, _, _) in rows) _organisations.Add(path, Guid.CreateVersion7());
        await RunAsync("""
            insert into organisation (id, code, path, parent_id, region, name, type, contact, phone, unit_name,
                                      credit_code, community, site)
            select id, reverse(split_part(reverse(path), '/', 2)), path, parent, region, '示例' || path, type, '', '',
                   '', '', '', ''
            from unnest($1, $2, $3, $4, $5) as r(id, path, parent, region, type)
            """, rows.Select(r => _organisations[r.Path]).ToArray(), rows.Select(r => r.Path).ToArray(),
            rows.Select(r => r.Parent is null ? (Guid?)null : _organisations[r.Parent]).ToArray(),
            rows.Select(_ => county).ToArray(), rows.Select(r => r.Type).ToArray());
    }

    private Task MembersAsync(FiguresDemo demo, Guid[] ids) => RunAsync("""
        insert into member (id, branch_id, branch_path, name, id_number, id_number_index, sex, ethnic_group, birth_on,
                            native_place, education, standing, phone, occupation, employer, credit_code, residence,
                            role_played, source)
        select id, branch, path, name, number, key, '1', '01', born, '', education, 'full', empty, occupation, '', '',
               empty, '', 'demo'
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) as r(id, branch, path, name, number, key, born, education,
                                                            occupation), (select $10::bytea as empty) e
        """, ids, demo.Members.Select(m => _organisations[PathOf(m.Branch)]).ToArray(),
        demo.Members.Select(m => PathOf(m.Branch)).ToArray(), demo.Members.Select(m => m.Person.Name).ToArray(),
        demo.Members.Select(m => _cipher.EncryptText(m.Person.IdNumber, "id-number")!).ToArray(),
        demo.Members.Select(m => Key(m.Person)).ToArray(), demo.Members.Select(m => m.Person.BornOn).ToArray(),
        demo.Members.Select(m => m.Education).ToArray(), demo.Members.Select(m => m.Occupation).ToArray(),
        _cipher.EncryptText("", "phone")!);

    private async Task CardsAsync((FigureMember Of, Guid Id)[] moving)
    {
        var cases = moving.Select(_ => Guid.CreateVersion7()).ToArray();
        await RunAsync("""
            insert into outbound_card (id, member_id, home_path, home_region, home_branch, host_region, leg, status,
                facts, name, id_number_index, certificate_number, reason, departs_on, contact_person, host_branch,
                host_contact, case_key, since, revision, agreement, differences, next_step, occupation, sector)
            select id, member, path, home, '', host, 1, 'Admitted', facts, name, key, '', reason, left_on, '', '', '',
                   decode(repeat('00', 16), 'hex'), now(), 1, 'Matched', '', '', occupation, sector
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) as r(id, member, path, home, host, facts,
                name, key, reason, left_on, occupation, sector)
            """, cases, moving.Select(m => m.Id).ToArray(), moving.Select(m => PathOf(m.Of.Branch)).ToArray(),
            moving.Select(m => m.Of.Branch.County).ToArray(), moving.Select(m => m.Of.HostRegion).ToArray(),
            moving.Select(m => Facts(m.Of.Person, m.Of.Occupation)).ToArray(),
            moving.Select(m => m.Of.Person.Name).ToArray(), moving.Select(m => Key(m.Of.Person)).ToArray(),
            moving.Select(m => m.Of.Reason).ToArray(), moving.Select(m => m.Of.LeftOn).ToArray(),
            moving.Select(m => m.Of.Occupation).ToArray(), moving.Select(m => Sector(m.Of.Occupation)).ToArray());
        await InboundAsync([.. moving.Zip(cases).Where(m => m.First.Of.HostRegion == m.First.Of.Branch.County)
            .Select(m => new Inbound(m.Second, m.First.Of.Branch.County, m.First.Of.Branch.County,
                m.First.Of.HostTown == 0 ? null : m.First.Of.Branch with { Town = m.First.Of.HostTown },
                m.First.Of.Person, m.First.Of.Occupation, m.First.Of.LeftOn))]);
    }

    private Task GuestsAsync(IReadOnlyList<FigureGuest> guests) => InboundAsync([.. guests.Select(g => new Inbound(
        Guid.CreateVersion7(), g.Branch.County, g.HomeRegion, g.Branch, g.Person, g.Occupation, g.ArrivedOn))]);

    private Task InboundAsync(IReadOnlyList<Inbound> cards) => RunAsync("""
        insert into inbound_card (id, case_id, leg, host_path, host_region, home_region, home_branch, home_contact,
            status, facts, name, id_number_index, certificate_number, arrives_on, document_shown, branch_id,
            branch_name, placement_reason, host_contact, case_key, since, revision, agreement, differences, next_step,
            occupation, sector)
        select gen_random_uuid(), case_id, 1, path, host, home, '', '',
               case when branch is null then 'Noticed' else 'Admitted' end, facts, name, key, '', arrived, 'CRT',
               branch, '', '', '', decode(repeat('00', 16), 'hex'), now(), 1, 'Matched', '', '', occupation, sector
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as r(case_id, path, host, home, branch, facts, name,
            key, arrived, occupation, sector)
        """, cards.Select(c => c.Case).ToArray(),
        cards.Select(c => c.Branch is null ? Regions.PathOf(c.Host) : PathOf(c.Branch)).ToArray(),
        cards.Select(c => c.Host).ToArray(), cards.Select(c => c.Home).ToArray(),
        cards.Select(c => c.Branch is null ? (Guid?)null : _organisations[PathOf(c.Branch)]).ToArray(),
        cards.Select(c => Facts(c.Person, c.Occupation)).ToArray(), cards.Select(c => c.Person.Name).ToArray(),
        cards.Select(c => Key(c.Person)).ToArray(), cards.Select(c => c.On).ToArray(),
        cards.Select(c => c.Occupation).ToArray(), cards.Select(c => Sector(c.Occupation)).ToArray());

    private byte[] Key(Person person) => _cipher.BlindIndex(person.IdNumber, "id-number");

    private byte[] Facts(Person person, string occupation) => _cipher.Encrypt(JsonSerializer.SerializeToUtf8Bytes(
        new CaseFacts { Name = person.Name, IdNumber = person.IdNumber, Standing = "full", Occupation = occupation },
        JsonSerializerOptions.Web), "case-facts");

    private static string Sector(string occupation) =>
        ReferenceData.Codes["sector"].Find(occupation)?.Code ?? "";

    private async Task RunAsync(string sql, params object[] values)
    {
        await using var command = registry.Behind.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter
        {
            Value = value,
            NpgsqlDbType = value switch
            {
                Guid[] or Guid?[] => NpgsqlDbType.Array | NpgsqlDbType.Uuid,
                string[] => NpgsqlDbType.Array | NpgsqlDbType.Text,
                byte[][] => NpgsqlDbType.Array | NpgsqlDbType.Bytea,
                DateOnly[] => NpgsqlDbType.Array | NpgsqlDbType.Date,
                _ => NpgsqlDbType.Bytea,
            },
        });
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private sealed record Inbound(Guid Case, string Host, string Home, FigureBranch? Branch, Person Person,
        string Occupation, DateOnly On);
}
