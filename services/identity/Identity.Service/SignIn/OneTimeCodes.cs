using System.Security.Cryptography;
using Platform.Hosting;

namespace Identity.Service.SignIn;

/// <summary>Codes that people read off paper once: activation and recovery. Only keyed hashes are kept.</summary>
internal static class OneTimeCodes
{
    // No letter that looks like another or like a digit.
    private const string Alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";

    /// <summary>Four groups of four: some 79 bits.</summary>
    public static string NewActivation() => Grouped(16);

    /// <summary>Two groups of five: some 49 bits, behind the limit of wrong answers.</summary>
    public static string NewRecovery() => Grouped(10);

    public static byte[] ActivationHash(FieldCipher cipher, string code) =>
        cipher.BlindIndex(Normal(code), "activation");

    public static byte[] RecoveryHash(FieldCipher cipher, Guid account, string code) =>
        cipher.BlindIndex($"{account}\n{Normal(code)}", "recovery");

    private static string Grouped(int length)
    {
        var text = RandomNumberGenerator.GetString(Alphabet, length);
        return string.Join('-', text.Chunk(length == 16 ? 4 : 5).Select(g => new string(g)));
    }

    private static string Normal(string code) =>
        string.Concat(code.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
}
