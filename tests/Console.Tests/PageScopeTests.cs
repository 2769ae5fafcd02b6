using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Platform.Hosting;
using Platform.Seeds;
using Platform.Testing;

namespace Console.Tests;

/// <summary>
/// Every address of the console by every role: in the own part of the tree as the table beside this file says,
/// elsewhere nothing of what is kept there. The addresses come from the gateway itself, so that none is forgotten.
/// </summary>
public sealed partial class PageScopeTests(ConsoleFixture fixture, PageScopeTests.Known known)
    : IClassFixture<PageScopeTests.Known>
{
    private const string Elsewhere = "140000/141000/141024/";

    private static readonly string[] All =
    [
        Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary, Roles.LiaisonOfficer, Roles.Supervisor,
        Roles.Analyst, Roles.Auditor, Roles.SystemAdministrator, Roles.SecurityAdministrator, Roles.Operator,
        Roles.Member,
    ];

    [Fact]
    public async Task Each_role_opens_the_pages_of_its_work_and_no_other()
    {
        var seen = new ConcurrentDictionary<(string Route, string Role), (int Status, string Body)>();
        await Parallel.ForEachAsync(All, async (role, ct) =>
        {
            using var http = await ClientAsync(role, ConsoleFixture.County, known.Member);
            foreach (var route in Routes())
                seen[(route, role)] = await AskAsync(http, Fill(route), ct);
        });
        Assert.Empty(seen.Where(s => s.Value.Status is 401 or 500
            || s.Value.Body.Contains("<img", StringComparison.Ordinal)).Select(s => $"{s.Key} {s.Value.Status}"));
        var table = Table((route, role) => seen[(route, role)].Status switch
        {
            403 => '-',
            302 => '>',
            _ => '+',
        });
        Assert.Equal(Platform.Testing.Golden.Expect("page-scope.txt", table), table);
    }

    [Theory]
    [InlineData("/going-out/new", Roles.Analyst)]
    [InlineData("/members/new", Roles.Analyst)]
    [InlineData("/members/{Id}/correct", Roles.Supervisor)]
    [InlineData("/doubles", Roles.BranchSecretary)]
    [InlineData("/screenings/new", Roles.BranchSecretary)]
    [InlineData("/organisations/{Id}/change", Roles.CommitteeClerk)]
    [InlineData("/organisations/{Id}/merge", Roles.CommitteeClerk)]
    [InlineData("/organisations/{Id}/new", Roles.CommitteeClerk)]
    [InlineData("/organisations/{Id}/outpost", Roles.Analyst)]
    [InlineData("/organisations/{Id}/posts", Roles.Supervisor)]
    [InlineData("/overview/export", Roles.BranchSecretary)]
    [InlineData("/exchange", Roles.CommitteeClerk)]
    [InlineData("/me", Roles.CommitteeClerk)]
    [InlineData("/me/looks", Roles.CommitteeClerk)]
    [InlineData("/me/report", Roles.CommitteeClerk)]
    public async Task A_page_that_is_denied_says_so_and_shows_no_form(string route, string role)
    {
        await using var visit = await fixture.VisitAsync(role);
        Assert.Equal(403, (await visit.Page.GotoAsync(Fill(route)))!.Status);
        await Assertions.Expect(visit.Page.Locator("main .state[data-kind=denied]")).ToBeVisibleAsync();
        await Assertions.Expect(visit.Page.Locator("main form")).ToHaveCountAsync(0);
        await visit.Page.LookAsync($"denied{route.Replace('/', '-').Replace("{Id}", "one", StringComparison.Ordinal)}");
    }

    [Fact]
    public async Task Nobody_of_another_county_learns_anything_from_any_page()
    {
        var told = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(All, async (role, ct) =>
        {
            using var http = await ClientAsync(role, Elsewhere, Guid.NewGuid());
            foreach (var route in Routes())
            {
                var (status, body) = await AskAsync(http, Fill(route), ct);
                if (status is 500 || Known.Words.Any(w => body.Contains(w, StringComparison.Ordinal)))
                    told.Add($"{role} {route} {status}");
            }
        });
        Assert.Empty(told.Order());
    }

    [Fact]
    public async Task Without_a_session_no_address_answers()
    {
        using var http = Client("session=none");
        foreach (var route in Routes())
            Assert.Equal((route, 401), (route, (await AskAsync(http, Fill(route), default)).Status));
    }

    /// <summary>Whoever adds an address without asking for a session has to write it down here.</summary>
    [Fact]
    public void Few_addresses_are_open_to_everybody() => Assert.Equal(
        [
            "/api/v1/accounts/{**rest}", "/api/v1/exchange/{**rest}", "/api/v1/grants/{**rest}",
            "/api/v1/rosters/{**rest}", "/api/v1/screenings/{id:guid}/results", "/api/v1/{**rest}",
            "/api/{**rest}", "/assets/{name}", "/identity/{**rest}", "/language", "/live", "/look",
            "/openapi/exchange.json", "/openapi/identity.json", "/openapi/registry.json", "/openapi/v1.json",
            "/ready", "/session", "/sign-in", "/sign-out", "/step-up",
        ], Endpoints().Where(e => e.Metadata.GetMetadata<IAuthorizeData>() is null
            || e.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(PathOf).Distinct()
            .Order(StringComparer.Ordinal));

    private IEnumerable<RouteEndpoint> Endpoints() =>
        fixture.Gateway.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    private static string PathOf(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.TrimStart('/');

    private IEnumerable<string> Routes() => Endpoints()
        .Where(e => e.Metadata.GetMetadata<IAuthorizeData>() is not null
            && e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("GET") == true)
        .Select(PathOf).Distinct().Order(StringComparer.Ordinal);

    private string Table(Func<string, string, char> cell)
    {
        var text = new StringBuilder("+ opens   - denied (403)   > leads elsewhere (302)\n\n");
        for (var i = 0; i < All.Length; i++)
            text.Append(CultureInfo.InvariantCulture, $"{(char)('A' + i)} {All[i]}\n");
        text.Append('\n').Append(' ', 46).Append("ABCDEFGHIJK").Append('\n');
        foreach (var route in Routes())
            text.Append(CultureInfo.InvariantCulture, $"{route,-46}{string.Concat(All.Select(r => cell(route, r)))}\n");
        return text.ToString();
    }

    private string Fill(string route)
    {
        var path = Parameter().Replace(route, m => (m.Groups[1].Value.ToUpperInvariant(), route.Split('/')[1]) switch
        {
            ("TAB", _) => "history",
            ("SIDE", _) => "home",
            ("OUTPOST", _) => $"{known.Outpost}",
            ("UNIT", _) => $"{known.Unit}",
            ("CASE", _) => $"{known.Case}",
            ("OTHER", _) => $"{known.Twin}",
            ("FINDING", _) => $"{known.Finding}",
            (_, "merges") => $"{known.Merge}",
            (_, "screenings") => $"{known.Screening}",
            (_, "members") => $"{known.Member}",
            (_, "cases") => $"{known.Case}",
            (_, "organisations") => $"{known.Branch}",
            (_, "imports") => $"{known.Load}",
            (_, "accounts") => $"{known.Account}",
            _ => m.Value,
        });
        return path switch
        {
            _ when path == $"/screenings/{known.Screening}/branch" => $"{path}?branchId={known.Branch}",
            "/organisations/rows" => $"{path}?parent={known.Branch}&level=1",
            "/organisations/place-rows" => $"{path}?within=141022&level=1",
            _ => path,
        };
    }

    private async Task<HttpClient> ClientAsync(string role, string org, Guid member) => Client(
        $"session={await fixture.SessionAsync(role, org, role == Roles.Member ? member : null)}");

    private HttpClient Client(string cookie)
    {
        var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new(fixture.Address),
        };
        http.DefaultRequestHeaders.Add("Cookie", cookie);
        return http;
    }

    private static async Task<(int Status, string Body)> AskAsync(HttpClient http, string path, CancellationToken ct)
    {
        using var answer = await http.GetAsync(path, ct);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(ct));
    }

    [GeneratedRegex(@"\{(\w+)[^}]*\}")]
    private static partial Regex Parameter();

    /// <summary>What the addresses are about: a member who is to leave, the case, a load, an account.</summary>
    public sealed class Known(ConsoleFixture fixture) : IAsyncLifetime
    {
        public const string Person = "测试范围";
        private const string Employer = "范围<img src=x onerror=alert(1)>PS单位"; // no page shows it as a picture

        /// <summary>What only this county knows, and no other test of this county publishes.</summary>
        public static readonly string[] Words = [Person, "PS单位", "柳林镇党委PS"];

        public Guid Member { get; private set; }

        public Guid Case { get; private set; }

        public Guid Branch { get; private set; }

        public Guid Load { get; private set; }

        /// <summary>Somebody who may be the same person.</summary>
        public Guid Twin { get; private set; }

        public Guid Merge { get; private set; }

        public Guid Screening { get; private set; }

        public Guid Finding { get; private set; }

        public Guid Account { get; private set; }

        public Guid Outpost { get; private set; }

        public Guid Unit { get; private set; }

        public async ValueTask InitializeAsync()
        {
            var counties = await new TwoCounties(fixture, "PS").FoundAsync();
            Branch = counties.HomeBranch;
            Member = await counties.MemberAsync(Person);
            var secretary = fixture.As(Roles.BranchSecretary, counties.HomeBranchPath);
            Case = (await secretary.PostAsync("/api/v1/outbound-cases", new
            {
                memberId = Member, hostRegion = "141023", reason = "1", departsOn = "2026-06-01", employer = Employer,
            })).Id("caseId");
            var roster = RosterMaker.Make(new(ConsoleFixture.Region, 5, 1, 41, ["140105"]), SeedFolder.Find());
            Load = (await fixture.As(Roles.CommitteeClerk).SendAsync(HttpMethod.Post,
                "/api/v1/rosters?region=141022&dryRun=true&fileName=roster.xlsx", new ByteArrayContent(roster.File),
                Guid.CreateVersion7(), ("Prefer", "respond-async"))).Id();
            await ArchivesAsync(counties);
            var clerk = fixture.As(Roles.CommitteeClerk);
            Outpost = (await clerk.PostAsync("/api/v1/outposts", new
            {
                committeeId = await CommitteeAsync(clerk), hostRegion = "141023", code = "PSO", name = $"{Person}驻外党支部",
                type = "OBR", mode = "IND", workplace = Employer, advantages = (string[])["SRC"],
            })).Id();
            Unit = (await clerk.PostAsync("/api/v1/units", new
            {
                keptBy = Branch, name = $"{Person}企业", category = "2", division = "141022104",
                surveyedOn = "2026-03-01",
            })).Id();
            Account = (await fixture.SomebodyAsync(Roles.CommitteeClerk)).Id;
        }

        private async Task ArchivesAsync(TwoCounties counties)
        {
            var clerk = fixture.As(Roles.CommitteeClerk);
            Twin = await counties.MemberAsync(Person);
            Merge = (await clerk.PostAsync("/api/v1/member-merges", new
            {
                keptId = await counties.MemberAsync(Person), goneId = await counties.MemberAsync(Person),
                reason = Employer,
            })).Id();
            Screening = (await clerk.PostAsync("/api/v1/screenings", new
            {
                organisationId = Branch, name = Employer, kind = "places", fromOn = "2026-01-01",
                untilOn = "2026-12-31",
            })).Id();
            var sheet = (await clerk.PostAsync($"/api/v1/screenings/{Screening}/sheet",
                new { branchId = Branch, reason = "排查" })).Body;
            (await clerk.UploadAsync($"/api/v1/screenings/{Screening}/results?branchId={Branch}",
                FilledSheet.Fill(sheet, (4, "C", Person), (4, "L", Employer)))).Ok.ToString();
            Finding = (await clerk.GetAsync($"/api/v1/screenings/{Screening}/findings")).Ok.GetProperty("items")[0]
                .GetProperty("id").GetGuid();
        }

        private async Task<Guid> CommitteeAsync(Platform.Testing.Api clerk) =>
            (await clerk.GetAsync($"/api/v1/organisations/{Branch}")).Id("parentId");

        public ValueTask DisposeAsync() => default;
    }
}
