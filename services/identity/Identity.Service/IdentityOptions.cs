using System.ComponentModel.DataAnnotations;

namespace Identity.Service;

/// <summary>Settings under <c>Identity</c>.</summary>
public sealed class IdentityOptions
{
    /// <summary>Address of the gateway as browsers see it; plain http only on loopback. Required.</summary>
    [Required, Url]
    public string PublicUrl { get; init; } = "";

    /// <summary>Secret of the confidential client <c>console</c>; at least 16 characters.</summary>
    [Required, MinLength(16)]
    public string ConsoleSecret { get; init; } = "";

    /// <summary>Life of an access token, minutes.</summary>
    [Range(1, 60)]
    public int AccessTokenMinutes { get; init; } = 10;

    /// <summary>A sign-in ends after this time whatever happens, hours.</summary>
    [Range(1, 24)]
    public int SessionHours { get; init; } = 10;

    /// <summary>Minutes without a visit to the sign-in pages after which they ask again.</summary>
    [Range(5, 600)]
    public int IdleMinutes { get; init; } = 60;

    /// <summary>Most rows of one page of a list.</summary>
    [Range(1, 1000)]
    public int PageSizeMax { get; init; } = 200;

    /// <summary>The public address without a path.</summary>
    public Uri Public => field ??= new(new Uri(PublicUrl).GetLeftPart(UriPartial.Authority));

    /// <summary>True when browsers come by https.</summary>
    public bool Secure => Public.Scheme == Uri.UriSchemeHttps;

    /// <summary>True for development on one machine.</summary>
    public bool Loopback => !Secure && Public.IsLoopback;
}
