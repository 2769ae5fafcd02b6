using Bench.Data;
using Microsoft.Playwright;
using Registry.Organisations;

namespace Bench;

/// <summary>
/// What a clerk waits for in the browser, at <c>BENCH_MEMBERS</c>: the first page with an empty cache, one list page
/// after the other, and levels of the tree opened by their arrows. Times are the browser's own (Navigation Timing),
/// weights what went over the line.
/// </summary>
internal static class ConsoleMeasure
{
    private const int First = 20, Clicks = 60;
    private const int FirstGoal = 1000, WeightGoal = 200, ClickGoal = 150, LevelGoal = 100;

    public static async Task RunAsync()
    {
        await using var node = await RegistryNode.StartAsync(console: true);
        var plan = DataPlan.OfEnvironment();
        await node.FillAsync(plan);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium-headless-shell",
            Args = ["--no-sandbox", "--disable-dev-shm-usage"],
        });
        var org = Regions.PathOf(plan.Counties[plan.Counties.Count / 2]);
        foreach (var path in (string[])["/", "/reconciliation", "/members", "/organisations"])
        {
            await FirstAsync(node, browser, org, path);
            await ClicksAsync(node, browser, org, path);
        }
        await LevelsAsync(node, browser);
    }

    private static async Task<(IBrowserContext Context, IPage Page)> VisitAsync(RegistryNode node, IBrowser browser,
        string org)
    {
        var context = await browser.NewContextAsync(new() { BaseURL = node.Address });
        await context.AddCookiesAsync([new()
        {
            Name = "session", Value = await node.SessionAsync("committee-clerk", org), Domain = "127.0.0.1", Path = "/",
        }]);
        return (context, await context.NewPageAsync());
    }

    private static async Task FirstAsync(RegistryNode node, IBrowser browser, string org, string path)
    {
        var (times, weight) = (new List<double>(), 0.0);
        for (var i = 0; i < First + 2; i++)
        {
            var (context, page) = await VisitAsync(node, browser, org);
            await page.GotoAsync(path);
            var seen = await page.EvaluateAsync<double[]>("""
                () => {
                  const all = ["navigation", "resource"].flatMap((t) => performance.getEntriesByType(t));
                  return [all[0].loadEventEnd, all.reduce((sum, e) => sum + e.transferSize, 0)];
                }
                """);
            await context.CloseAsync();
            if (i < 2) continue; // the server's first pages are compiled then
            times.Add(seen[0]);
            weight = Math.Max(weight, seen[1] / 1000);
        }
        times.Sort();
        var (middle, late) = (times[First / 2], times[First * 95 / 100]);
        Say.Line($"{path}, first page, empty cache: p50 {middle:F0} ms, p95 {late:F0} ms (goal {FirstGoal})");
        Say.Line($"  {weight:F1} kB (goal {WeightGoal})");
    }

    private static async Task ClicksAsync(RegistryNode node, IBrowser browser, string org, string path)
    {
        var (context, page) = await VisitAsync(node, browser, org);
        await page.GotoAsync(path);
        var times = new List<double>();
        while (times.Count < Clicks)
        {
            var next = page.Locator(".pager a[rel=next]");
            if (await next.CountAsync() == 0) break;
            var before = page.Url;
            await next.ClickAsync();
            await page.WaitForURLAsync(url => url != before);
            times.Add(await page.EvaluateAsync<double>(
                "performance.getEntriesByType('navigation')[0].loadEventEnd"));
        }
        await context.CloseAsync();
        if (times.Count < 10) return;
        times.Sort();
        var (middle, late) = (times[times.Count / 2], times[times.Count * 95 / 100]);
        Say.Line($"{path}, next page: p50 {middle:F0} ms, p95 {late:F0} ms of {times.Count} (goal {ClickGoal})");
    }

    private static async Task LevelsAsync(RegistryNode node, IBrowser browser)
    {
        var (context, page) = await VisitAsync(node, browser, "140000/");
        await page.GotoAsync("/organisations");
        var (times, random) = (new List<double>(), new Random(7));
        for (var i = 0; i < Clicks + 5; i++)
        {
            var took = await page.EvaluateAsync<double>("""
                async (at) => {
                  const closed = document.querySelectorAll("[role=treeitem][aria-expanded=false]");
                  const item = closed[at % closed.length];
                  const began = performance.now();
                  const click = new MouseEvent("click", { bubbles: true, cancelable: true });
                  item.querySelector(".twist").dispatchEvent(click);
                  while (item.getAttribute("aria-expanded") === "false") await new Promise(requestAnimationFrame);
                  return performance.now() - began;
                }
                """, random.Next(1000));
            if (i >= 5) times.Add(took);
        }
        var shown = await page.Locator("[role=treeitem]").CountAsync();
        await context.CloseAsync();
        times.Sort();
        Say.Line($"a level of the tree: p50 {times[Clicks / 2]:F0} ms, p95 {times[Clicks * 95 / 100]:F0} ms of "
            + $"{Clicks}, {shown} rows shown at the end (goal {LevelGoal})");
    }
}
