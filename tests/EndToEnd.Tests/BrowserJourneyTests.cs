using Microsoft.Playwright;
using Platform.CommandLine.Federation;
using static EndToEnd.Tests.DemoFederation;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Tests;

/// <summary>
/// Two counties at two browsers: each clerk signs in at the own node with password and code, a member goes out by the
/// one's pages and is admitted by the other's, and both sides stand on both pages.
/// </summary>
[Collection(DemoCollection.Name)]
public sealed class BrowserJourneyTests(DemoFederation demo)
{
    [Fact]
    public async Task A_member_goes_out_at_one_browser_and_is_admitted_at_another()
    {
        var name = await HomeMemberAsync();
        await demo.MobileBranchAsync(Host);
        SetDefaultExpectTimeout(30_000);
        using var playwright = await Playwright.CreateAsync();
        await using var chromium = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium-headless-shell",
            Args = ["--no-sandbox", "--disable-dev-shm-usage"],
        });
        var home = await SignInAsync(chromium, "clerk-141022", width: 1440);
        await ApplyAsync(home, name);
        // Whoever applied does not approve: that takes a second person of the county.
        var other = await SignInAsync(chromium, "administrator-141022", width: 1440);
        await other.GotoAsync(new Uri(home.Url).AbsolutePath);
        await other.ClickAsync(".nextstep .btn--primary");
        await other.ClickAsync("#step button[type=submit]");
        await Expect(other.Locator(".nextstep")).ToContainTextAsync("行前教育");
        await home.ReloadAsync();
        await ToldAsync(home);
        var host = await SignInAsync(chromium, "clerk-140105", width: 390);
        await AdmitAsync(host, name);
        await EventuallyAsync("home's page says that both agree", async () =>
        {
            await home.ReloadAsync();
            return await home.Locator("h1 .chip[data-state=matched]").CountAsync() == 1;
        });
        await Expect(host.Locator("h1 .chip[data-state=matched]")).ToBeVisibleAsync();
        var province = await SignInAsync(chromium, "analyst-140000", width: 1440);
        await EventuallyAsync("the province counts it and names nobody", async () =>
        {
            await province.GotoAsync("/overview");
            var text = await province.Locator("main").InnerTextAsync();
            Assert.DoesNotContain(name, text, StringComparison.Ordinal);
            return text.Contains("翼城县", StringComparison.Ordinal);
        });
    }

    private async Task<IPage> SignInAsync(IBrowser chromium, string userName, int width)
    {
        var person = Principals.Of(demo.Context.Topology).Single(p => p.UserName == userName);
        var own = demo.Context.Secrets.Nodes[person.Node.Code].Accounts[userName];
        var context = await chromium.NewContextAsync(new()
        {
            BaseURL = NodeConfig.ConsoleUrl(person.Node),
            ViewportSize = new() { Width = width, Height = 900 },
            Locale = "zh-CN",
        });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/");
        await page.FillAsync("#user", userName);
        await page.FillAsync("#password", own.Password);
        await page.ClickAsync("#submit");
        await page.FillAsync("#code", TotpCode.At(own.TotpSecret, DateTimeOffset.UtcNow));
        await page.ClickAsync("#submit");
        await page.WaitForURLAsync(url => !url.Contains("/identity/", StringComparison.Ordinal));
        return page;
    }

    private static async Task ApplyAsync(IPage page, string name)
    {
        await page.ClickAsync("main .page-head .btn--primary");
        await page.FillAsync("#words", name);
        await page.Locator("[data-fragment] a").First.ClickAsync();
        await page.SelectOptionAsync("#province", "140000");
        await page.SelectOptionAsync("#city", "140100");
        await page.SelectOptionAsync("#hostRegion", Host);
        await page.SelectOptionAsync("#reason", "1");
        await page.FillAsync("#departsOn", "2026-03-02");
        await page.FillAsync("#employer", "远帆物流有限公司");
        await page.ClickAsync("main .btn--primary");
        await page.WaitForURLAsync("**/cases/*");
    }

    // Prepared and told to the host: the next step stands in the bar each time.
    private static async Task ToldAsync(IPage page)
    {
        await page.ClickAsync(".nextstep .btn--primary");
        await page.FillAsync("#talkOn", "2026-02-20");
        await page.FillAsync("#educatedOn", "2026-02-21");
        await page.FillAsync("#contactPerson", "联系人甲");
        await page.ClickAsync("#step button[type=submit]");
        await page.ClickAsync(".nextstep .btn--primary");
        await page.ClickAsync("#step button[type=submit]");
        await Expect(page.Locator("h1 .chip[data-state=home]")).ToBeVisibleAsync();
    }

    private static async Task AdmitAsync(IPage page, string name)
    {
        var row = page.Locator("tbody tr", new() { HasText = name });
        await EventuallyAsync("the notice is on the host's workbench", async () =>
        {
            for (var next = "/?list=todo"; next is not null;)
            {
                await page.GotoAsync(next);
                if (await row.CountAsync() == 1) return true;
                var more = page.Locator("a[rel=next]");
                next = await more.CountAsync() == 1 ? await more.GetAttributeAsync("href") : null;
            }
            return false;
        });
        await row.Locator(".btn--row").ClickAsync();
        await page.Locator("#step .choice input").First.CheckAsync();
        await page.Locator("input[name=documentShown][value=LET]").CheckAsync();
        await page.FillAsync("#hostContact", "接收联系人");
        await page.ClickAsync("#step form[data-draft] button[type=submit]");
        await Expect(page.Locator("h1 .chip[data-state=matched]")).ToBeVisibleAsync();
    }

    private async Task<string> HomeMemberAsync()
    {
        const string Name = "远行测试甲";
        _ = (await demo.At(Home, "committee-clerk").PostAsync("/api/v1/members", new
        {
            branchId = await demo.MobileBranchAsync(Home), name = Name, idNumber = "110105194912310038",
            standing = "full", phone = "13900000038",
        })).Id();
        return Name;
    }
}
