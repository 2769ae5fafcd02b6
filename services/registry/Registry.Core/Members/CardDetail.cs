using System.Diagnostics;
using Platform.Kernel;

namespace Registry.Members;

/// <summary>
/// What the printed registration card (外出党员登记卡, 外来党员登记卡) asks for beyond the case: typed once, printed whenever.
/// Source, M-124, M-125.
/// </summary>
public sealed record CardDetail
{
    /// <summary>Id of the card it belongs to.</summary>
    public required Guid Id { get; init; }

    /// <summary>Path that owned the card when the detail was typed.</summary>
    public required string Path { get; init; }
    public required CardDetailFields Detail { get; init; }
}

/// <summary>The fields; "" prints as a dash.</summary>
/// <param name="DepartedOn">Day on which the member really left; null while only the plan is known.</param>
/// <remarks>Source: R-021 (first half), R-022 (second half), R-023.</remarks>
public sealed record CardDetailFields(
    string FamilyContact = "", string EducationTeacher = "", string DuesPaidTo = "",
    string EmployerHasOrganisation = "",
    string LetterNumber = "", string AgreedContact = "", string Verification = "", string Group = "",
    string Needs = "", string Participation = "", string ReturnNote = "",
    DateOnly? DepartedOn = null);

/// <summary>Events of a card's detail.</summary>
public abstract record CardDetailEvent;

public sealed record CardDetailWritten(CardDetail Detail) : CardDetailEvent;

/// <summary>Writing the detail of a card.</summary>
public static class CardDetailDecider
{
    /// <summary>Writes it; nothing happens when nothing changed.</summary>
    public static Decision<CardDetailEvent> Write(CardDetail? existing, CardDetail detail)
    {
        ArgumentNullException.ThrowIfNull(detail);
        return existing?.Detail == detail.Detail ? Array.Empty<CardDetailEvent>() : new CardDetailWritten(detail);
    }

    /// <summary>Folds one event into the state.</summary>
    public static CardDetail Evolve(CardDetail? state, CardDetailEvent happened) => (state, happened) switch
    {
        (_, CardDetailWritten e) => e.Detail,
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
    };
}
