using System.Collections.Immutable;
using GpuStack.Modeling.Hubs.Oci;
using GpuStack.Modeling.Sources;

namespace GpuStack.Operator.Commands;

/// <summary>
/// Hub endpoints and tokens as the person at the command line has them: from the environment, from the file that <c>hf auth login</c>
/// writes, and from the one that <c>docker login</c> writes.
/// </summary>
internal static class HubEnvironment
{
    private const long LargestFile = 1 << 20;

    /// <exception cref="FormatException">A variable or file cannot be understood.</exception>
    public static ModelHubSettings Read() => Read(Environment.GetEnvironmentVariable);

    /// <param name="variable">Gives the value of an environment variable.</param>
    /// <exception cref="FormatException">A variable or file cannot be understood.</exception>
    public static ModelHubSettings Read(Func<string, string?> variable)
    {
        var settings = ModelHubSettings.FromEnvironment(variable);
        return settings with
        {
            HuggingFaceToken = settings.HuggingFaceToken ?? Text(ModelHubSettings.HuggingFaceTokenFile(variable)),
            RegistryLogins = Logins(variable),
        };
    }

    private static ImmutableArray<RegistryLogin> Logins(Func<string, string?> variable)
    {
        var directory = variable("DOCKER_CONFIG") is { Length: > 0 } given ? given
            : variable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".docker") : null;
        return directory is not null && Text(Path.Combine(directory, "config.json")) is { } text ? DockerLogins.Parse(text) : [];
    }

    /// <summary>A file that is not there, or not for this user, is as good as none.</summary>
    private static string? Text(string? path)
    {
        try
        {
            return path is not null && new FileInfo(path) is { Exists: true, Length: <= LargestFile } && File.ReadAllText(path).Trim() is { Length: > 0 } text ? text : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
