using System.Security.Cryptography;
using System.Text;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>A user of a kubeconfig: what to prove who we are with. No record: printing would show secrets.</summary>
internal sealed class KubeconfigUser
{
    public ClientCertificate? Certificate { get; private init; }

    /// <summary>Where <see cref="Certificate"/> comes from.</summary>
    public ClientCertificateSource? CertificateSource { get; private init; }

    public string? Token { get; private init; }

    public string? TokenFile { get; private init; }

    /// <summary>Base64 of user:password.</summary>
    public string? Basic { get; private init; }

    public ExecPlugin? Exec { get; private init; }

    public Impersonation? Impersonate { get; private init; }

    public static KubeconfigUser Read(KubeconfigEntry user, KubeconfigCluster cluster)
    {
        if (user.Map("auth-provider") is not null)
            throw user.Error("auth-provider", "is not supported; use exec with the provider's credential plugin");
        var impersonate = ReadImpersonation(user);
        var source = ReadCertificateSource(user);
        var (token, tokenFile) = (user.Text("token"), user.FilePath("tokenFile"));
        var (name, password) = (user.Text("username"), user.Text("password"));
        if (token is not null && (name ?? password) is not null) throw user.Error("token", "and a username are both set; remove one");
        var plugin = user.Map("exec") is { } exec ? KubeconfigExec.Read(exec, cluster) : null;
        // As kubectl: credentials are not sent in clear.
        if (cluster.Server.Scheme != Uri.UriSchemeHttps) return new KubeconfigUser { Impersonate = impersonate };
        return new KubeconfigUser
        {
            Impersonate = impersonate,
            Certificate = source is null ? null : ReadCertificate(user, source),
            CertificateSource = source,
            Token = token,
            TokenFile = tokenFile,
            Basic = (name ?? password) is null ? null : Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")),
            // As kubectl: a plugin is not asked where there is another credential.
            Exec = (token ?? tokenFile ?? name ?? password) is null && source is null ? plugin : null,
        };
    }

    private static ClientCertificateSource? ReadCertificateSource(KubeconfigEntry user)
    {
        var certificate = user.Pem("client-certificate");
        var key = user.Pem("client-key");
        if (certificate is null) return key is null ? null : throw user.Error("client-certificate", "is not set, but there is a client-key");
        return new ClientCertificateSource(certificate, key ?? throw user.Error("client-key", "is not set, but there is a client-certificate"));
    }

    private static ClientCertificate ReadCertificate(KubeconfigEntry user, ClientCertificateSource source)
    {
        var certificate = user.ReadPem(source.Certificate, "client-certificate");
        var key = user.ReadPem(source.Key, "client-key");
        try
        {
            return ClientCertificate.FromPem(certificate, key);
        }
        catch (CryptographicException e)
        {
            throw user.Error("client-certificate", "and its key are no matching PEM pair", e);
        }
    }

    private static Impersonation? ReadImpersonation(KubeconfigEntry user)
    {
        var (uid, groups, extra) = (user.Text("as-uid"), user.Texts("as-groups"), user.Map("as-user-extra"));
        if (user.Text("as") is not { } name)
        {
            return uid is null && groups.Count == 0 && extra is null
                ? null
                : throw user.Error("as", "is not set, but there is as-uid, as-groups or as-user-extra; name the user to act as");
        }

        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in extra?.Fields.Select(e => e.Key) ?? [])
        {
            if (Single(extra!, key) is { } value) attributes[key] = value;
        }

        var group = Single(user, "as-groups");
        if (attributes.Values.Append(group).Append(uid).Append(name).Any(value => value?.Any(char.IsControl) == true))
            throw user.Error("as", "or another as- field holds a control character, which no header can carry");
        return new Impersonation(name) { Uid = uid, Group = group, Extra = attributes };
    }

    // Impersonation says why.
    private static string? Single(KubeconfigEntry entry, string field) => entry.Texts(field) switch
    {
        [] => null,
        [var value] => value,
        var values => throw entry.Error(field, $"has {values.Count} values, of which only one can be sent; leave one"),
    };
}
