using System.Security.Cryptography;
using System.Text;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Facts;

/// <summary>
/// Names what facts of a model depend on: where it is looked for, and as whom, for who may not read a model must not be told of it. Pure.
/// </summary>
public static class ModelFactsKey
{
    /// <summary>The key: 64 hexadecimal digits, from which neither location nor token can be had.</summary>
    /// <param name="location">Where the model is.</param>
    /// <param name="settings">Endpoints, mirrors and what proves who asks.</param>
    /// <param name="kind">What is found out, such as <c>llama.cpp</c>.</param>
    public static string Of(ModelLocation location, ModelHubSettings settings, string kind)
    {
        string?[] parts = location.Kind switch
        {
            ModelLocationKind.HuggingFace => [.. Endpoints(settings, settings.HuggingFaceEndpoint), settings.HuggingFaceToken],
            ModelLocationKind.ModelScope => [.. Endpoints(settings, settings.ModelScopeEndpoint), settings.ModelScopeToken],
            ModelLocationKind.Http => [settings.TokenFor(new Uri(location.Text))],
            ModelLocationKind.Oci => [.. settings.RegistryLogins.SelectMany(login => (string[])[login.Registry, login.User, login.Secret])],
            _ => [settings.LocalRoot],
        };
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string? part in parts.Prepend(location.Text).Prepend(kind))
        {
            // Lengths keep the parts apart.
            byte[] bytes = Encoding.UTF8.GetBytes(part ?? "");
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IEnumerable<string> Endpoints(ModelHubSettings settings, Uri hub) => settings.Mirrors.Append(hub).Select(endpoint => endpoint.AbsoluteUri);
}
