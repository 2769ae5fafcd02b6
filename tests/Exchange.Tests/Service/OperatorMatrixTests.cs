using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Platform.Hosting;
using Xunit;

namespace Exchange.Tests.Service;

/// <summary>
/// P4 at the border post: every endpoint and every role; sibling services by their key and nobody else.
/// </summary>
[Collection("federation")]
public sealed partial class OperatorMatrixTests(Federation servers)
{
    private static readonly string[] AllRoles =
    [
        Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary, Roles.LiaisonOfficer, Roles.Analyst,
        Roles.Auditor, Roles.Operator, Roles.Supervisor, Roles.Member, "fund-handler", "fund-approver", "assessor",
    ];

    private static readonly string[] Look = [Roles.Operator, Roles.Auditor];
    private static readonly string[] Act = [Roles.Operator];

    private static readonly Row[] Rows =
    [
        new("GET /api/v1/exchange/streams", Look),
        new("GET /api/v1/exchange/nodes", Look),
        new("POST /api/v1/exchange/nodes/{}/ping", Act),
        new("POST /api/v1/exchange/nodes/{}/revocation", Act, new { reason = "no such child" }),
        new("GET /api/v1/exchange/ledgers/{}/{}", Look),
        new("GET /api/v1/exchange/desk", Look),
        new("POST /api/v1/exchange/desk/{}/retry", Act, new { commandId = Guid.NewGuid(), reason = "once more" }),
        new("POST /api/v1/exchange/desk/{}/dismissal", Act, new { commandId = Guid.NewGuid(), reason = "not ours" }),
    ];

    private sealed record Row(string Endpoint, string[] Roles, object? Body = null)
    {
        /// <summary>Nothing of that name is here, so that no call changes anything.</summary>
        public string Path => Endpoint.Split(' ')[1].Replace("desk/{}", $"desk/{Guid.Empty}", StringComparison.Ordinal)
            .Replace("{}", "nowhere", StringComparison.Ordinal);

        public Task<HttpResponseMessage> CallAsync(HttpClient http) =>
            Endpoint.StartsWith("GET", StringComparison.Ordinal) ? http.GetAsync(Path)
                : http.PostAsJsonAsync(Path, Body);
    }

    [Fact]
    public async Task Every_endpoint_has_its_row_and_answers_each_role_as_the_row_says()
    {
        var f = await servers.StartedAsync();
        Assert.Equal(Rows.Select(r => r.Endpoint).Order(StringComparer.Ordinal), Mapped(f)
            .Where(e => e.Contains(" /api/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        var wrong = new List<string>();
        foreach (var role in AllRoles)
        {
            f.A.SignIn(role);
            foreach (var row in Rows)
            {
                using var reply = await row.CallAsync(f.A.Http);
                var allowed = reply.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden);
                if ((int)reply.StatusCode >= 500 || allowed != row.Roles.Contains(role))
                    wrong.Add($"{row.Endpoint} {role}: {reply.StatusCode}");
            }
        }
        f.A.Http.DefaultRequestHeaders.Authorization = null;
        foreach (var row in Rows)
        {
            using var reply = await row.CallAsync(f.A.Http);
            if (reply.StatusCode != HttpStatusCode.Unauthorized)
                wrong.Add($"{row.Endpoint} nobody: {reply.StatusCode}");
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task What_services_ask_of_each_other_answers_no_person_whatever_the_role()
    {
        var f = await servers.StartedAsync();
        var calls = Mapped(f).Where(e => e.Contains("ExchangeService/", StringComparison.Ordinal)).ToList();
        Assert.True(calls.Count >= 4, string.Join(", ", calls));
        f.A.SignIn(AllRoles);
        foreach (var call in calls)
        {
            using var content = new ByteArrayContent([0, 0, 0, 0, 0]);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
            using var reply = await f.A.Http.PostAsync(call.Split(' ')[1], content);
            Assert.Equal((call, HttpStatusCode.Unauthorized), (call, reply.StatusCode));
        }
    }

    private static IEnumerable<string> Mapped(Federation f) => f.A.Services.GetRequiredService<EndpointDataSource>()
        .Endpoints.OfType<RouteEndpoint>().SelectMany(e => (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods
            ?? ["*"]).Select(m => $"{m} /{Parameter().Replace(e.RoutePattern.RawText!, "{}").Trim('/')}"));

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
