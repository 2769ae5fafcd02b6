using Gateway.Console.Node;

namespace Gateway.Console.Pages.Members;

/// <summary>What is being typed about a person who may be registered already.</summary>
public sealed record TypedPerson(string Name, string IdNumber, string Phone, string Employer)
{
    /// <summary>Who may be the same; null while too little is typed or when the registry does not say.</summary>
    public async Task<DoublesReply?> CheckAsync(NodeApi api)
    {
        if (Name.Trim().Length == 0) return null;
        try
        {
            return await api.PostAsync<DoublesReply>("duplicates/check", new
            {
                name = Name.Trim(),
                idNumber = IdNumber.Trim(),
                phone = Phone.Trim(),
                employer = Employer.Trim(),
            }, Guid.CreateVersion7());
        }
        catch (NodeProblemException)
        {
            return null; // A warning less; registering checks the number again.
        }
    }
}
