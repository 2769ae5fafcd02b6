using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;
using Platform.Hosting;

namespace Identity.Service.SignIn;

/// <summary>
/// Keys of ASP.NET Core's data protection (forms, short cookies) in the service's database, so that replicas share
/// them; encrypted like every other secret of the node.
/// </summary>
internal sealed class KeyStore(NpgsqlDataSource source, FieldCipher cipher) : IXmlRepository
{
    private const string Purpose = "data-protection";

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var command = source.CreateCommand("select body from data_key order by id");
        using var rows = command.ExecuteReader();
        var keys = new List<XElement>();
        while (rows.Read()) keys.Add(XElement.Parse(cipher.DecryptText(rows.GetFieldValue<byte[]>(0), Purpose)!));
        return keys;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        var text = element.ToString(SaveOptions.DisableFormatting);
        using var command = source.CreateCommand("insert into data_key (body) values ($1)");
        command.Parameters.Add(new() { Value = cipher.EncryptText(text, Purpose)! });
        command.ExecuteNonQuery();
    }
}
