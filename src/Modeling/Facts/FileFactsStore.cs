using System.Globalization;
using System.Text.Json;

namespace GpuStack.Modeling.Facts;

/// <summary>
/// Keeps facts in a directory, one small JSON file each, for commands that run again and again. Files are replaced whole, so that a
/// program that is killed, or two that write at once, leave none half written; one that cannot be read or was made by another version is
/// ignored and written anew. When there are too many, the ones written longest ago go. A directory that cannot be used costs nothing but
/// the facts.
/// </summary>
/// <typeparam name="T">The facts.</typeparam>
/// <param name="directory">The directory; made when it is needed, for its owner alone.</param>
/// <param name="format">How facts are written.</param>
/// <param name="capacity">How many files are kept.</param>
public sealed class FileFactsStore<T>(string directory, FactsFormat<T> format, int capacity = 512) : IModelFactsStore<T>
{
    /// <summary>Facts of a model with a thousand layers take a tenth of it.</summary>
    private const long LargestFile = 1 << 20;

    private const string Suffix = ".json";

    /// <summary>
    /// Where commands keep facts: <c>gpustack-operator/models</c> below XDG_CACHE_HOME, else below <c>~/.cache</c>; null without a home.
    /// </summary>
    /// <param name="variable">Gives the value of an environment variable.</param>
    public static string? DirectoryOf(Func<string, string?> variable)
    {
        string? cache = variable("XDG_CACHE_HOME") is { Length: > 0 } given && Path.IsPathRooted(given) ? given
            : variable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".cache") : null;
        return cache is null ? null : Path.Combine(cache, "gpustack-operator", "models");
    }

    /// <inheritdoc />
    public async ValueTask<ModelFacts<T>?> FindAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileInfo(PathOf(key));
            if (!file.Exists || file.Length > LargestFile)
            {
                return null;
            }

            using JsonDocument json = JsonDocument.Parse(await File.ReadAllBytesAsync(file.FullName, cancellationToken).ConfigureAwait(false));
            JsonElement root = json.RootElement;
            return root.GetProperty("version").GetString() == format.Version && root.GetProperty("key").GetString() == key
                ? new ModelFacts<T>(
                    format.Read(root.GetProperty("facts").GetString()!),
                    root.GetProperty("pin").GetString(),
                    root.GetProperty("checked").GetDateTimeOffset())
                : null;
        }
        catch (Exception exception) when (IsUnusable(exception) || exception is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public async ValueTask StoreAsync(string key, ModelFacts<T> facts, CancellationToken cancellationToken)
    {
        try
        {
            MakeDirectory();
            string path = PathOf(key);
            string written = $"{path}.{Guid.NewGuid():N}";
            await File.WriteAllBytesAsync(written, Bytes(key, facts), cancellationToken).ConfigureAwait(false);
            File.Move(written, path, overwrite: true);
            Forget();
        }
        catch (Exception exception) when (IsUnusable(exception))
        {
            // Without facts kept, the next command reads the model again.
        }
    }

    private static bool IsUnusable(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or JsonException or NotSupportedException or ArgumentException;

    private string PathOf(string key) => Path.Combine(directory, key + Suffix);

    private void MakeDirectory()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private byte[] Bytes(string key, ModelFacts<T> facts)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("version", format.Version);
            json.WriteString("key", key);
            json.WriteString("pin", facts.Pin);
            json.WriteString("checked", facts.Checked.ToString("O", CultureInfo.InvariantCulture));
            json.WriteString("facts", format.Write(facts.Value));
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <summary>Files of a writer that was killed go as well.</summary>
    private void Forget()
    {
        FileInfo[] files = new DirectoryInfo(directory).GetFiles();
        if (files.Length > capacity)
        {
            foreach (FileInfo file in files.OrderBy(file => file.LastWriteTimeUtc).Take(files.Length - capacity))
            {
                file.Delete();
            }
        }
    }
}
