using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuStack.Simulator.Storage;

/// <summary>
/// An object that is about to be stored, as text with its index. Both are made before the store's lock is taken; the resourceVersion, which
/// is known only under the lock, is written into the text then.
/// </summary>
internal sealed class ObjectText
{
    public ObjectText(JsonObject body)
        : this(JsonText.ToElement(body))
    {
    }

    private ObjectText(JsonElement content) => Content = content;

    public JsonElement Content { get; }

    public ReadOnlySpan<byte> Utf8 => JsonMarshal.GetRawUtf8Value(Content);

    /// <summary>
    /// The same object in a version. This text is used up: where there are as many digits as before, they are exchanged in place, for nobody
    /// else has seen it yet.
    /// </summary>
    public ObjectText At(long resourceVersion)
    {
        var quoted = JsonMarshal.GetRawUtf8Value(Content.GetProperty("metadata"u8).GetProperty("resourceVersion"u8));
        var old = MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(quoted), quoted.Length)[1..^1];
        Span<byte> digits = stackalloc byte[20];
        resourceVersion.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        digits = digits[..length];
        if (length == old.Length)
        {
            digits.CopyTo(old);
            return this;
        }
        _ = Utf8.Overlaps(old, out var start);
        return new ObjectText(JsonText.Parse([.. Utf8[..start], .. digits, .. Utf8[(start + old.Length)..]]));
    }
}
