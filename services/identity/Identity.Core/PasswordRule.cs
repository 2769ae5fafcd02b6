using System.Collections.Immutable;

namespace Identity;

/// <summary>Why a password cannot be taken.</summary>
public enum PasswordFault
{
    None,
    TooShort,
    TooLong,
    HasUserName,
    Common,
}

/// <summary>
/// Long, not easily guessed, not the user name; nothing about kinds of characters, which only makes people write
/// Passw0rd! on a note. Source: R-171.
/// </summary>
public static class PasswordRule
{
    /// <summary>Fewest characters.</summary>
    public const int LengthMin = 12;

    /// <summary>Most characters; more would only cost time to hash.</summary>
    public const int LengthMax = 128;

    private const string Ladders = "01234567890123456789 98765432109876543210 abcdefghijklmnopqrstuvwxyz "
        + "zyxwvutsrqponmlkjihgfedcba qwertyuiopasdfghjklzxcvbnm poiuytrewqlkjhgfdsamnbvcxz "
        + "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/ 1q2w3e4r5t6y7u8i9o0p";

    // What people begin with; digits and signs around it do not help.
    private static readonly ImmutableHashSet<string> Words =
    [
        "password", "passwd", "pass", "admin", "administrator", "root", "user", "guest", "test", "welcome", "letmein",
        "login", "secret", "master", "changeme", "default", "computer", "system", "qwerty", "iloveyou", "monkey",
        "dragon", "sunshine", "football", "abc", "abcd", "mima", "woaini", "nihao", "wodemima", "guanliyuan",
        "dangyuan",
        "gongchandang", "zhongguo", "beijing", "shanxi", "taiyuan", "dangwei", "zhibu", "dangzhibu", "liudong",
        "liudongdangyuan", "renmin", "zuguo", "china", "huawei", "laoshi", "gongzuo", "dangan", "yonghu", "ceshi",
    ];

    /// <summary>The first fault in the order of the enum.</summary>
    public static PasswordFault Check(string password, string userName)
    {
        ArgumentNullException.ThrowIfNull(password);
        ArgumentNullException.ThrowIfNull(userName);
        return password.Length < LengthMin ? PasswordFault.TooShort
            : password.Length > LengthMax ? PasswordFault.TooLong
            : userName.Length > 0 && password.Contains(userName, StringComparison.OrdinalIgnoreCase)
                ? PasswordFault.HasUserName
            : IsCommon(password.ToLowerInvariant()) ? PasswordFault.Common
            : PasswordFault.None;
    }

    private static bool IsCommon(string password) =>
        password.Distinct().Count() < 5 || Ladder(password)
        || Words.Contains(Once(Plain(password.Trim([.. "0123456789!@#$%^&*()_+-=., "]))));

    // Nothing but steps of one ladder, such as qwertyuiop12 or 123456abcdef.
    private static bool Ladder(string password)
    {
        var steps = 0;
        for (var i = 0; i + 2 < password.Length; i++)
        {
            if (Ladders.Contains(password.Substring(i, 3), StringComparison.Ordinal)) steps++;
        }
        return steps >= password.Length - 4;
    }

    // Letters, also those that digits and signs stand for.
    private static string Plain(string password) => new([.. password.Select(c => c switch
    {
        '0' => 'o',
        '1' or '!' => 'i',
        '3' => 'e',
        '4' or '@' => 'a',
        '5' or '$' => 's',
        '7' => 't',
        _ => c,
    }).Where(char.IsAsciiLetter)]);

    // passwordpassword is password.
    private static string Once(string word)
    {
        for (var size = 3; size <= word.Length / 2; size++)
        {
            if (word.Length % size == 0
                && Enumerable.Range(0, word.Length).All(i => word[i] == word[i % size])) return word[..size];
        }
        return word;
    }
}
