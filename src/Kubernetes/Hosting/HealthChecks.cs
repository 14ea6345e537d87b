using System.Collections.Immutable;

namespace GpuStack.Kubernetes.Hosting;

/// <summary>The named checks of one endpoint, such as <c>/readyz</c>. <c>ping</c> is always among them and always well.</summary>
public sealed class HealthChecks
{
    private ImmutableArray<(string Name, Func<string?> Check)> _all = [("ping", static () => null)];

    internal ImmutableArray<(string Name, Func<string?> Check)> All => _all;

    /// <summary>Adds a check.</summary>
    /// <param name="name">Its name in paths and reports: lower case letters, digits, '-' and '_'.</param>
    /// <param name="check">Returns null when all is well, else what is wrong. Called for every probe, by several threads: it looks at a state and does no work.</param>
    /// <exception cref="ArgumentException">The name is taken, or no name.</exception>
    public void Add(string name, Func<string?> check)
    {
        if (name.Length is 0 or > 63 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            throw new ArgumentException($"'{name}' is no name of a check; use letters, digits, '-' and '_'.", nameof(name));
        if (_all.Any(entry => entry.Name == name)) throw new ArgumentException($"There is already a check named '{name}'.", nameof(name));
        _all = _all.Add((name, check));
    }
}
