using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Console.Tests;

/// <summary>One Chromium for all tests, a clean profile for each.</summary>
internal static class Browser
{
    private static readonly Lazy<Task<IBrowser>> One = new(StartAsync);

    /// <summary>Widths every page is looked at.</summary>
    public static readonly int[] Widths = [1440, 390];

    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    private static readonly string? How = Environment.GetEnvironmentVariable("CONSOLE_LOOK");

    private static readonly string Screens = Path.Combine(AppContext.BaseDirectory, "../../../screens");

    private static async Task<IBrowser> StartAsync()
    {
        Assertions.SetDefaultExpectTimeout(30_000); // a busy machine is slow, not wrong
        var playwright = await Playwright.CreateAsync();
        return await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium-headless-shell", // the same engine without the windows around it
            Args = ["--no-sandbox", "--disable-dev-shm-usage"],
        });
    }

    /// <summary>A page of somebody signed in; nobody when <paramref name="role"/> is null.</summary>
    public static async Task<Visit> VisitAsync(this ConsoleFixture fixture, string? role,
        string org = ConsoleFixture.County,
        Guid? member = null, int width = 1440, bool dark = false, DateTimeOffset? secondFactorAt = null,
        bool away = false, bool script = true, string? address = null)
    {
        var browser = await One.Value;
        var url = address ?? (away ? fixture.AwayAddress : fixture.Address);
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = url,
            ViewportSize = new() { Width = width, Height = width > 800 ? 900 : 844 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            Locale = "zh-CN",
            TimezoneId = "Asia/Shanghai",
            HasTouch = width < 800,
            JavaScriptEnabled = script,
        });
        if (role is not null)
        {
            await context.AddCookiesAsync([new()
            {
                Name = "session", Value = await fixture.SessionAsync(role, org, member, secondFactorAt),
                Domain = new Uri(url).Host, Path = "/", HttpOnly = true,
            }]);
        }
        return new(context, await context.NewPageAsync());
    }

    /// <summary>
    /// Waits until the page stands whole at an address: <c>*</c> is a step of it, <c>**</c> anything. One question to
    /// the page itself: the driver's own wait for an address may miss that the page was loaded, and wait for ever.
    /// </summary>
    public static async Task AtAsync(this IPage page, string address)
    {
        var pattern = Regex.Escape(address).Replace(@"\*\*", ".*", StringComparison.Ordinal)
            .Replace(@"\*", "[^/]*", StringComparison.Ordinal);
        await page.WaitForFunctionAsync(
            "at => new RegExp(at).test(location.href) && document.readyState === 'complete'", $"^{pattern}$");
    }

    /// <summary>
    /// Looks at a page as it stands: pictures at both widths, no WCAG 2.2 AA violation, no scrolling sideways. Wide in
    /// light and narrow in dark; with <c>CONSOLE_LOOK=full</c> each width in both, with <c>fast</c> one of the
    /// two, half of the pages each, without pictures.
    /// </summary>
    public static async Task LookAsync(this IPage page, string name)
    {
        Directory.CreateDirectory(Screens);
        foreach (var width in Widths)
        {
            await page.SetViewportSizeAsync(width, width > 800 ? 900 : 844);
            if (How != "fast")
            {
                await SchemeAsync(page, ColorScheme.Light);
                await page.ScreenshotAsync(new()
                {
                    Path = Path.Combine(Screens, $"{name}-{width}.png"), FullPage = true,
                });
            }
            foreach (var scheme in SchemesAt(name, width))
            {
                await SchemeAsync(page, scheme);
                await JudgeAsync(page, $"{name} at {width}, {scheme}");
            }
            var wide = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
            Assert.True(wide <= width, $"{name} at {width} is {wide} wide: it would scroll sideways.");
        }
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
    }

    private static ColorScheme[] SchemesAt(string name, int width) => (How, width > 800) switch
    {
        ("full", _) => [ColorScheme.Light, ColorScheme.Dark],
        ("fast", var wide) when wide == (name.Length % 2 == 0) => [], // the other half of the pages
        (_, true) => [ColorScheme.Light],
        _ => [ColorScheme.Dark],
    };

    private static Task SchemeAsync(IPage page, ColorScheme scheme) =>
        page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });

    // In the page itself: axe's own driver opens a second page for each answer, which doubled the time of these tests.
    private static async Task JudgeAsync(IPage page, string where)
    {
        await page.EvaluateAsync("scrollTo(0, 0)"); // what lies half under the bar at the top is judged as too small
        if (!await page.EvaluateAsync<bool>("'axe' in window")) await page.EvaluateAsync(Axe);
        var violations = await page.EvaluateAsync<string[]>("""
            async () => (await axe.run(document, {
                resultTypes: ['violations'],
                runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
            })).violations.map(v => `${v.id} (${v.help}) at ${v.nodes.slice(0, 3).map(n => n.html).join(', ')}`)
            """);
        Assert.True(violations.Length == 0, $"{where}: {string.Join("; ", violations)}");
    }
}

/// <summary>One person at one browser; whatever the page complains about fails the test at the end.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    public Visit(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.SetDefaultTimeout(30_000);
        page.PageError += (_, error) => _complaints.Add(error);
        page.Console += (_, message) =>
        {
            // A refused form answers 422 and a page out of reach 403: the browser notes these, they are meant.
            if (message.Type == "error" && !message.Text.Contains("Failed to load resource", StringComparison.Ordinal))
                _complaints.Add(message.Text);
        };
    }

    public IPage Page { get; }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.Empty(_complaints);
    }
}
