using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Platform.Hosting;
using Platform.Testing;
using Registry.Service;
using Registry.Service.Capabilities;
using Registry.Service.Persistence;
using V1 = Platform.Contracts.Registry.V1;
using X1 = Platform.Contracts.Exchange.V1;

namespace Console.Tests;

/// <summary>
/// A township with a branch at home and branches at the host, each class of tests with codes of its own. Messages
/// between the two counties are carried by hand: what one side's outbox holds arrives at the other side.
/// </summary>
internal sealed class TwoCounties(ConsoleFixture fixture, string code)
{
    public const string HostCounty = "140000/141000/141023/";

    private int _number;

    /// <summary>The township at home, where its clerk works.</summary>
    public string Township => $"{ConsoleFixture.County}{code}/";

    public string HomeBranchPath => $"{Township}{code}B/";

    public Guid HomeBranch { get; private set; }

    public Guid HostBranch { get; private set; }

    public Api HomeClerk => fixture.As("committee-clerk", Township);

    public Api HostClerk => fixture.As("committee-clerk", HostCounty);

    public async Task<TwoCounties> FoundAsync()
    {
        var (home, host) = (await fixture.TopAsync(), await fixture.TopAsync("141023"));
        var township = await UnitAsync(ConsoleFixture.County,
            new { code, name = $"柳林镇党委{code}", type = "GCM", parentId = home });
        HomeBranch = await UnitAsync(ConsoleFixture.County,
            new { code = $"{code}B", name = $"河西村党支部{code}", type = "BRA", parentId = township });
        HostBranch = await UnitAsync(HostCounty,
            new
            {
                code = $"{code}S", name = $"云仓物流党支部{code}", type = "BRA", parentId = host, site = $"云仓{code}园区",
                contact = "支部联系人",
            });
        await UnitAsync(HostCounty,
            new { code = $"{code}M", name = $"流动党员党支部{code}", type = "TBR", parentId = host, contact = "兜底联系人" });
        return this;
    }

    /// <summary>Registers a member of the home branch.</summary>
    public async Task<Guid> MemberAsync(string name)
    {
        var number = (Convert.ToInt32(code[0]) * 131 + Convert.ToInt32(code[1])) % 800 * 100
            + Interlocked.Increment(ref _number);
        return (await fixture.As("committee-clerk").PostAsync("/api/v1/members", new
        {
            branchId = HomeBranch, name, idNumber = IdNumber(number), standing = "full", phone = $"139{number:D8}",
            occupation = "仓储", residence = "新港街道",
        })).Id();
    }

    /// <summary>An application to leave for the neighbour county.</summary>
    public async Task<Guid> AppliedAsync(string name = "测试甲", string? employer = null) =>
        (await fixture.As("branch-secretary", HomeBranchPath).PostAsync("/api/v1/outbound-cases", new
        {
            memberId = await MemberAsync(name), hostRegion = "141023", reason = "1", departsOn = "2026-06-01",
            employer = employer ?? $"云仓{code}园区物流公司",
        })).Id("caseId");

    /// <summary>By the book up to the notice, which has arrived at the neighbour county.</summary>
    public async Task<Guid> NotifiedAsync(string name = "测试甲")
    {
        var id = await AppliedAsync(name);
        await StepAsync(HomeClerk, $"outbound-cases/{id}/approve");
        await StepAsync(HomeClerk, $"outbound-cases/{id}/prepare",
            new { talkOn = "2026-05-20", educatedOn = "2026-05-20", contactPerson = "示例六" });
        await StepAsync(HomeClerk, $"outbound-cases/{id}/notify");
        await CarryAsync(id);
        return id;
    }

    /// <summary>Admitted by the neighbour county; the receipt has arrived.</summary>
    /// <param name="phone">Another number than home's: then the two sides differ.</param>
    public async Task<Guid> AdmittedAsync(string name = "测试甲", string? phone = null, string? employer = null)
    {
        var id = await NotifiedAsync(name);
        await StepAsync(HostClerk, $"inbound-cases/{await HostCardAsync(id)}/admit", new
        {
            branchId = HostBranch, placementReason = "园区", documentShown = "CRT", on = "2026-06-10",
            hostContact = "示例七",
            seen = new { phone, employer },
        });
        await CarryAsync(id);
        return id;
    }

    public async Task<Guid> HostCardAsync(Guid caseId) => (await HostClerk.GetAsync($"/api/v1/cases/{caseId}")).Ok
        .GetProperty("host")[0].GetProperty("id").GetGuid();

    public static async Task StepAsync(Api api, string path, object? body = null) =>
        _ = (await api.PostAsync($"/api/v1/{path}", body)).Ok;

    /// <summary>Hands over what waits between the two sides of a case, in order, until nothing waits.</summary>
    public async Task CarryAsync(Guid caseId)
    {
        while (await WaitingAsync(caseId) is { Count: > 0 } waiting)
        {
            foreach (var (row, payload) in waiting)
            {
                await using (var scope = fixture.Registry.CreateAsyncScope())
                {
                    scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
                    await scope.ServiceProvider.GetRequiredService<ApplyArrival>().RunAsync(new X1.Arrival
                    {
                        MessageId = row.MessageId.ToString(), FromRegion = row.FromRegion, ToRegion = row.ToRegion,
                        Type = row.Type, Payload = Google.Protobuf.ByteString.CopyFrom(payload),
                    }, TestContext.Current.CancellationToken);
                }
                await using var delete = fixture.Behind.CreateCommand("delete from outbox where id = $1");
                delete.Parameters.Add(new() { Value = row.Id });
                await delete.ExecuteNonQueryAsync();
            }
        }
    }

    private async Task<List<(OutboxRow Row, byte[] Payload)>> WaitingAsync(Guid caseId)
    {
        await using var scope = fixture.Registry.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        var cipher = scope.ServiceProvider.GetRequiredService<FieldCipher>();
        var rows = await scope.ServiceProvider.GetRequiredService<RegistryDb>().Set<OutboxRow>().AsNoTracking()
            .Where(o => o.Lane == "exchange" && o.Type == CaseWire.CaseType).OrderBy(o => o.Id).ToListAsync();
        return [.. rows.Select(r => (Row: r, Payload: cipher.Decrypt(r.Body, "outbox")))
            .Where(r => V1.CaseMessage.Parser.ParseFrom(r.Payload).CaseId == caseId.ToString())];
    }

    private async Task<Guid> UnitAsync(string path, object unit) =>
        (await fixture.As("tier-administrator", path).PostAsync("/api/v1/organisations", unit)).Id();

    /// <summary>A well-formed id number of the county, different for each number below 100,000.</summary>
    private static string IdNumber(int number)
    {
        var digits = string.Create(CultureInfo.InvariantCulture,
            $"141022{1950 + (number / 1000 % 50)}0303{number % 1000:D3}");
        int[] weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        var sum = digits.Zip(weights, (d, w) => (d - '0') * w).Sum();
        return string.Create(CultureInfo.InvariantCulture, $"{digits}{"10X98765432"[sum % 11]}");
    }
}
