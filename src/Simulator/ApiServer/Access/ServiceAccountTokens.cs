using System.Collections.Concurrent;
using System.Security.Cryptography;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>Tokens of ServiceAccounts. They mean nothing to anybody but this server, and hold as long as the account is the one they were made for.</summary>
internal sealed class ServiceAccountTokens(ClusterStore store)
{
    private readonly ConcurrentDictionary<string, (string Namespace, string Name, string Uid)> _tokens = new(StringComparer.Ordinal);

    /// <summary>A new token; null when there is no such account.</summary>
    public string? Create(string @namespace, string name)
    {
        if (store.Get(BuiltInResources.ServiceAccounts, @namespace, name) is not { } account)
            return null;
        var token = $"simulated-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";
        _tokens[token] = (@namespace, name, account.Uid);
        return token;
    }

    /// <summary>Whose the token is, and the account's uid; null when it is nobody's.</summary>
    public (AccessUser User, string Uid)? Find(string token) =>
        _tokens.TryGetValue(token, out var account) && store.Get(BuiltInResources.ServiceAccounts, account.Namespace, account.Name)?.Uid == account.Uid
            ? (AccessUser.OfServiceAccount(account.Namespace, account.Name), account.Uid)
            : null;
}
