using System.Net.Http.Headers;
using GpuStack.Kubernetes.Configuration;

namespace GpuStack.Kubernetes.Client.Credentials;

/// <summary>What proves who we are. No record: printing would show a token.</summary>
internal sealed class Credential(AuthenticationHeaderValue? authorization, ClientCertificate? certificate = null)
{
    /// <summary>The header to send; null: none.</summary>
    public AuthenticationHeaderValue? Authorization => authorization;

    /// <summary>For new connections; null: that of the configuration, if any.</summary>
    public ClientCertificate? Certificate => certificate;

    /// <summary>A header cannot carry blanks or line breaks, and an exception of the HTTP stack would show the token.</summary>
    public static AuthenticationHeaderValue? Bearer(string? token) => token switch
    {
        null or "" => null,
        _ when token.All(c => c is > ' ' and <= '~') => new AuthenticationHeaderValue("Bearer", token),
        _ => throw new FormatException("it is no token: it holds blanks, line breaks or characters beyond ASCII"),
    };

    /// <summary>The server sees no difference.</summary>
    public bool IsSameAs(Credential other) =>
        Equals(authorization, other.Authorization)
        && string.Equals(certificate?.Certificate.Thumbprint, other.Certificate?.Certificate.Thumbprint, StringComparison.Ordinal);
}
