using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling.Hubs.Oci;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Hubs;

/// <summary>Whatever stands in a location, a header, a manifest or an archive: it is understood, or refused in a sentence.</summary>
public class StrangersTextTests
{
    private static readonly Gen<string> Text = Gen.Elements(
            "hf://", "ms://", "oci://", "https://", "owner", "/", "repo", ":", "Q4_K_M", "@", "sha256:", "#", "*", "..", ".gguf", "?", "[", "]", "%", " ", "\0", "\ud800",
            "Bearer ", "realm=", "\"", ",", "=", "Basic")
        .ListOf().Select(string.Concat);

    [Fact]
    public void A_location_is_understood_or_refused() => Prop.ForAll(Text.ToArbitrary(), text =>
    {
        try
        {
            ModelLocation location = ModelLocation.Parse(text);
            return location.Text == text && (!location.NamesFile || location.TryGetAddress(new ModelHubSettings(), out _) || location.Kind == ModelLocationKind.Oci);
        }
        catch (FormatException exception)
        {
            return exception.Message.EndsWith('.');
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_challenge_is_understood_or_ignored() => Prop.ForAll(Text.ToArbitrary(), text =>
        OciChallenge.Parse(text) is not { } challenge || challenge.Scheme is "bearer" or "basic").QuickCheckThrowOnFailure();

    [Fact]
    public void A_damaged_archive_is_read_in_part_or_refused()
    {
        byte[] archive = Archive();
        Gen<(int Position, byte Value)[]> damage = Gen.Choose(0, archive.Length - 1).SelectMany(position => Gen.Choose(0, 255).Select(value => (position, (byte)value))).ArrayOf(3);
        Prop.ForAll(damage.ToArbitrary(), changes =>
        {
            byte[] damaged = [.. archive];
            foreach ((int position, byte value) in changes)
            {
                damaged[position] = value;
            }

            // Without its checksum a header is refused before anything of it is believed.
            Sign(damaged);
            try
            {
                IReadOnlyList<TarEntry> entries = TarIndex.ReadAsync(new MemoryByteRangeSource("archive", damaged), long.MaxValue, CancellationToken.None).AsTask().GetAwaiter().GetResult();
                return entries.All(entry => RelativePath.IsSafe(entry.Path) && entry.Size >= 0 && entry.Offset > 0);
            }
            catch (ByteRangeException)
            {
                return true;
            }
        }).QuickCheckThrowOnFailure();
    }

    private static byte[] Archive()
    {
        using var bytes = new MemoryStream();
        using (var writer = new System.Formats.Tar.TarWriter(bytes, System.Formats.Tar.TarEntryFormat.Gnu, leaveOpen: true))
        {
            foreach (string name in (string[])["a.gguf", $"{new string('d', 120)}/b.gguf"])
            {
                writer.WriteEntry(new System.Formats.Tar.GnuTarEntry(System.Formats.Tar.TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1, 2, 3]) });
            }
        }

        return bytes.ToArray();
    }

    private static void Sign(byte[] archive)
    {
        for (int start = 0; start + 512 <= archive.Length; start += 512)
        {
            Span<byte> header = archive.AsSpan(start, 512);
            if (header[257] == (byte)'u')
            {
                header.Slice(148, 8).Fill((byte)' ');
                int sum = 0;
                foreach (byte value in header)
                {
                    sum += value;
                }

                System.Text.Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[148..]);
            }
        }
    }
}
