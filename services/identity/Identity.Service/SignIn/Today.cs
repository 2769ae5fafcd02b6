namespace Identity.Service.SignIn;

/// <summary>The civil date in the whole country.</summary>
internal static class Today
{
    public static DateOnly In(TimeProvider clock) =>
        DateOnly.FromDateTime(clock.GetUtcNow().ToOffset(TimeSpan.FromHours(8)).DateTime);
}
