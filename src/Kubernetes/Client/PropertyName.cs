using System.Text.Json;

namespace GpuStack.Kubernetes.Client;

/// <summary>Compares the name of a property.</summary>
internal static class PropertyName
{
    /// <summary>As <see cref="Utf8JsonReader.ValueTextEquals(ReadOnlySpan{byte})"/>, but a name that is no text (half a surrogate pair) is just another name.</summary>
    public static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (!reader.ValueIsEscaped) return reader.ValueTextEquals(name);
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
