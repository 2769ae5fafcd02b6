namespace Exchange.Service;

/// <summary>Shapes that sender and receiver check alike.</summary>
internal static class Rules
{
    /// <summary>Types that exchanges say to each other; services may not send them.</summary>
    public const string OwnTypes = "platform.exchange.";
    public const string Settlement = "platform.exchange.v1.Settlement";

    public static bool IsType(string type) =>
        type.Length is > 0 and <= 200 && type.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
