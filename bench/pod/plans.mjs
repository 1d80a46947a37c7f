export async function plans() {
  return [];
}
